using System.Net;
using System.Text.RegularExpressions;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Sysctl;
using AkkaOverlay.Kernel.Tests;
using AkkaOverlay.Node.Options;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Tests.Run;

/// <summary>A host of a namespace whose devices the test makes with ip(8); nothing but lo at first.</summary>
public abstract class UnderlayFixture : IDisposable
{
    internal static readonly NetworkConfig IPv4Network = NetConf.Parse("""{"Network":"10.244.0.0/16"}""");
    internal static readonly NetworkConfig IPv6Network = NetConf.Parse("""{"EnableIPv4":false,"EnableIPv6":true,"IPv6Network":"fd44::/56"}""");
    internal static readonly NetworkConfig DualNetwork = NetConf.Parse("""{"Network":"10.244.0.0/16","EnableIPv6":true,"IPv6Network":"fd44::/56"}""");

    protected UnderlayFixture() => Ip("link set lo up");

    protected TestNamespace Test { get; } = new();

    public void Dispose()
    {
        Test.Dispose();
        GC.SuppressFinalize(this);
    }

    protected string Ip(string arguments) => Test.Ip(arguments);

    /// <summary>A veth pair, both ends up; IPv6 addresses can be used at once.</summary>
    /// <param name="temporary">The kernel makes temporary addresses beside those with mngtmpaddr (RFC 8981).</param>
    protected void Veth(string name, string[] addresses, bool temporary = false)
    {
        Ip($"link add {name} type veth peer name {name}-peer");
        Test.Inside.Run(() =>
        {
            Sysctls.Write($"net/ipv6/conf/{name}/accept_dad", "0");
            Sysctls.Write($"net/ipv6/conf/{name}/use_tempaddr", temporary ? "2" : "0");
        });
        Ip($"link set {name}-peer up");
        Ip($"link set {name} up");
        foreach (string address in addresses)
            Ip($"addr add {address} dev {name}");
    }

    protected Underlay Select(RunOptions? options = null, NetworkConfig? network = null, params string[] seeds) =>
        UnderlaySelection.Select(options ?? Options(), [.. seeds.Select(IPAddress.Parse)], Test.Kernel, network);

    protected string Refusal(RunOptions? options = null, NetworkConfig? network = null, params string[] seeds)
    {
        string message = Assert.Throws<StartException>(() => Select(options, network, seeds)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    protected static RunOptions Options(string[]? iface = null, string[]? regex = null, string? canReach = null, string? publicIp = null, string? publicIp6 = null) => new()
    {
        Seeds = [],
        SubnetFile = "subnet.env",
        NodeName = "h1",
        Interfaces = iface ?? [],
        InterfacePatterns = [.. (regex ?? []).Select(pattern => new Regex(pattern, RegexOptions.NonBacktracking))],
        InterfaceCanReach = canReach is null ? null : IPAddress.Parse(canReach),
        PublicIPv4 = publicIp is null ? null : IPAddress.Parse(publicIp),
        PublicIPv6 = publicIp6 is null ? null : IPAddress.Parse(publicIp6),
    };

    protected static string Local(Underlay underlay) => $"{underlay.Device} {underlay.Local.IPv4} {underlay.Local.IPv6}".Trim();
}
