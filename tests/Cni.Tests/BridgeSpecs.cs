using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace AkkaOverlay.Cni.Tests;

/// <summary>The published program with the distribution's bridge and host-local: one host, two containers, each a namespace. Two hosts and the overlay between them: CniSpecs of EndToEnd.Tests.</summary>
public sealed class BridgeSpecs : IDisposable
{
    /// <summary>Where Debian, Fedora and the projects' own archives put plugins.</summary>
    private static readonly string Plugins = new[] { "/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni" }.FirstOrDefault(directory => File.Exists($"{directory}/bridge")) ?? "/usr/lib/cni";

    private readonly ITestOutputHelper output;
    private readonly string directory = Directory.CreateTempSubdirectory("akka-overlay-cni-").FullName;
    private readonly Namespace host = null!, first = null!, second = null!;

    public BridgeSpecs(ITestOutputHelper output)
    {
        this.output = output;
        try
        {
            host = new Namespace();
            first = new Namespace();
            second = new Namespace();
            // Masquerading is the overlay's here; a spec of its own has it the other way round.
            File.WriteAllText(SubnetFile, Desk.SubnetEnvOf());
        }
        catch
        {
            // Nobody disposes what was never made whole.
            Dispose();
            throw;
        }
    }

    private string SubnetFile => Path.Combine(directory, "subnet.env");

    private string Addresses => Path.Combine(directory, "ipam", "net1");

    [Theory]
    [InlineData("0.3.1")]
    [InlineData("0.4.0")]
    [InlineData("1.0.0")]
    [InlineData("1.1.0")]
    public void Containers_get_addresses_of_the_subnet_and_give_them_back(string version)
    {
        var one = Call("ADD", first, version);
        var two = Call("ADD", second, version);
        Assert.True(one.Status == 0 && two.Status == 0, $"{one}\n{two}");
        output.WriteLine(one.Output);
        Assert.Equal(version, one.Json["cniVersion"]!.GetValue<string>());
        Assert.Equal(["10.244.1.2/24", "10.244.1.3/24"], new[] { one, two }.Select(answer => answer.Json["ips"]![0]!["address"]!.GetValue<string>()));
        Assert.Contains("inet 10.244.1.1/24", host.In("ip", "address", "show", "dev", "cni-t"), StringComparison.Ordinal);
        Assert.Contains("mtu 1450", first.In("ip", "link", "show", "dev", "eth0"), StringComparison.Ordinal);
        string routes = first.In("ip", "route");
        Assert.Contains("default via 10.244.1.1 dev eth0", routes, StringComparison.Ordinal);
        Assert.Contains("10.244.0.0/16 via 10.244.1.1 dev eth0", routes, StringComparison.Ordinal);
        first.In("ping", "-c", "1", "-W", "2", "10.244.1.3");

        Call("DEL", first, version, one.Json).MustBeSilentSuccess();
        Assert.False(File.Exists(Path.Combine(Addresses, "10.244.1.2")));
        Assert.DoesNotContain("eth0", first.In("ip", "link"), StringComparison.Ordinal);
        Call("DEL", first, version, one.Json).MustBeSilentSuccess();
        Call("DEL", second, version, two.Json).MustBeSilentSuccess();
        Assert.Empty(Directory.GetFiles(Path.Combine(directory, "data", "net1")));
    }

    [Theory]
    [InlineData("1.0.0")]
    [InlineData("1.1.0")]
    public void Check_passes_until_the_address_is_deleted_by_hand(string version)
    {
        var added = Call("ADD", first, version);
        Call("CHECK", first, version, added.Json).MustBeSilentSuccess();
        first.In("ip", "address", "delete", "10.244.1.2/24", "dev", "eth0");
        var failed = Call("CHECK", first, version, added.Json);
        output.WriteLine(failed.Output);
        Assert.Equal(1, failed.Status);
        Assert.Contains("10.244.1.2", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gc_gives_back_the_address_of_a_container_that_is_gone()
    {
        Assert.Equal(0, Call("ADD", first, "1.1.0").Status);
        Assert.Equal(0, Call("ADD", second, "1.1.0").Status);
        Assert.True(File.Exists(Path.Combine(Addresses, "10.244.1.2")));
        var valid = new JsonArray(new JsonObject { ["containerID"] = second.Name, ["ifname"] = "eth0" });
        Call("GC", null, "1.1.0", change: conf => conf["cni.dev/valid-attachments"] = valid).MustBeSilentSuccess();
        Assert.False(File.Exists(Path.Combine(Addresses, "10.244.1.2")));
        Assert.True(File.Exists(Path.Combine(Addresses, "10.244.1.3")));
        Assert.Equal([$"{second.Name}:eth0"], Directory.GetFiles(Path.Combine(directory, "data", "net1")).Select(Path.GetFileName));
    }

    [Fact]
    public void Status_follows_the_subnet_file()
    {
        Call("STATUS", null, "1.1.0").MustBeSilentSuccess();
        File.Delete(SubnetFile);
        Assert.Equal(50, Call("STATUS", null, "1.1.0").Code);
        Assert.Equal(11, Call("ADD", first, "1.1.0").Code);
        Assert.DoesNotContain("cni-t", host.In("ip", "link"), StringComparison.Ordinal);
    }

    /// <summary>Somebody's bridge has the name already, with an address of its own: the plugin finds that when the container has its address.</summary>
    [Fact]
    public void An_add_that_fails_leaves_no_address_behind()
    {
        host.In("ip", "link", "add", "cni-t", "type", "bridge");
        host.In("ip", "address", "add", "10.244.1.77/24", "dev", "cni-t");
        var failed = Call("ADD", first, "1.0.0");
        output.WriteLine(failed.Output);
        Assert.Equal(1, failed.Status);
        Assert.Contains("already has an IP address different from 10.244.1.1/24", failed.Message, StringComparison.Ordinal);
        Assert.Empty(Reserved());
        Assert.Empty(Directory.GetFiles(Path.Combine(directory, "data", "net1")));
        Assert.DoesNotContain("eth0", first.In("ip", "link"), StringComparison.Ordinal);
        host.In("ip", "link", "delete", "cni-t");
        Assert.Equal(0, Call("ADD", first, "1.0.0").Status);
    }

    /// <summary>As flannel's: where the overlay does not masquerade, the bridge does.</summary>
    [Fact]
    public void The_bridge_masquerades_where_the_overlay_does_not()
    {
        File.WriteAllText(SubnetFile, Desk.SubnetEnvOf().Replace("=true", "=false", StringComparison.Ordinal));
        var added = Call("ADD", first, "1.0.0");
        Assert.True(added.Status == 0, added.ToString());
        Assert.Contains("MASQUERADE", host.In("iptables", "-t", "nat", "-S"), StringComparison.Ordinal);
        Call("DEL", first, "1.0.0", added.Json).MustBeSilentSuccess();
        Assert.DoesNotContain("MASQUERADE", host.In("iptables", "-t", "nat", "-S"), StringComparison.Ordinal);
    }

    [Fact]
    public void Both_families()
    {
        File.AppendAllText(SubnetFile, "FLANNEL_IPV6_NETWORK=fd00:244::/48\nFLANNEL_IPV6_SUBNET=fd00:244:0:7::1/64\n");
        var added = Call("ADD", first, "1.0.0");
        Assert.True(added.Status == 0, added.ToString());
        Assert.Equal(["10.244.1.2/24", "fd00:244:0:7::2/64"], added.Json["ips"]!.AsArray().Select(ip => ip!["address"]!.GetValue<string>()));
        string routes = first.In("ip", "-6", "route");
        Assert.Contains("fd00:244::/48 via fd00:244:0:7::1 dev eth0", routes, StringComparison.Ordinal);
        Assert.Contains("default via fd00:244:0:7::1 dev eth0", routes, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        Directory.Delete(directory, recursive: true);
        foreach (var made in new[] { first, second, host }.OfType<Namespace>())
            made.Dispose();
    }

    private Answer Call(string command, Namespace? container, string version, JsonObject? previous = null, Action<JsonObject>? change = null)
    {
        var conf = new JsonObject
        {
            ["cniVersion"] = version,
            ["name"] = "net1",
            ["type"] = "akka-overlay-cni",
            ["subnetFile"] = SubnetFile,
            ["dataDir"] = Path.Combine(directory, "data"),
            ["ipam"] = new JsonObject { ["dataDir"] = Path.Combine(directory, "ipam") },
            ["delegate"] = new JsonObject { ["bridge"] = "cni-t", ["isDefaultGateway"] = true, ["hairpinMode"] = true },
        };
        if (previous is not null)
            conf["prevResult"] = previous.DeepClone();
        change?.Invoke(conf);
        var environment = new Dictionary<string, string> { ["CNI_COMMAND"] = command, ["CNI_PATH"] = Plugins };
        if (container is not null)
        {
            environment["CNI_CONTAINERID"] = container.Name;
            environment["CNI_IFNAME"] = "eth0";
            environment["CNI_NETNS"] = container.Path;
        }
        return host.Try(Executable.Path, environment, conf.ToJsonString());
    }

    private IEnumerable<string?> Reserved() =>
        Directory.Exists(Addresses) ? Directory.GetFiles(Addresses, "10.*").Select(Path.GetFileName) : [];
}
