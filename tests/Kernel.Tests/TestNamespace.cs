using System.Diagnostics;
using System.Net;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Kernel.Tests;

/// <summary>A network namespace of this process, with a socket inside; gone with the test, also when it fails.</summary>
public sealed class TestNamespace : IDisposable
{
    private const string Prefix = "ao-test-";
    private static int s_count;

    /// <summary>Takes away what a run that was killed left behind.</summary>
    static TestNamespace()
    {
        foreach (string name in NetworkNamespace.Names().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            if (!Directory.Exists($"/proc/{name.Split('-')[2]}"))
                NetworkNamespace.Delete(name);
        }
    }

    public TestNamespace()
    {
        Name = $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";
        Inside = NetworkNamespace.Create(Name);
        try
        {
            Kernel = Inside.Run(RtnetlinkSocket.Open);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Name { get; }

    public NetworkNamespace Inside { get; }

    public RtnetlinkSocket Kernel { get; } = null!;

    /// <summary>A veth pair, both ends up, addresses 192.0.2.1/24 and 2001:db8::1/64 on the first end, whose index is given back.</summary>
    public int AddVeth(string name = "eth0")
    {
        Do(new RtnetlinkChange.CreateVeth(name, name + "p"));
        int index = Kernel.FindLink(name)!.Index;
        Do(
            new RtnetlinkChange.SetLink(Kernel.FindLink(name + "p")!.Index) { Up = true },
            new RtnetlinkChange.SetLink(index) { Up = true },
            new RtnetlinkChange.PutAddress(new InterfaceAddress(index, IpPrefix.Parse("192.0.2.1/24"))),
            new RtnetlinkChange.PutAddress(new InterfaceAddress(index, IpPrefix.Parse("2001:db8::1/64")) { Flags = AddressFlags.NoDad }));
        return index;
    }

    /// <summary>A vxlan device that is up; its index.</summary>
    public int AddVxlan(string name = "vx1", uint vni = 1, string local = "192.0.2.1")
    {
        var settings = new VxlanSettings(vni, 8472) { Local = IPAddress.Parse(local) };
        Do(new RtnetlinkChange.CreateVxlan(name, settings, 1450, MacAddress.LocallyAdministered([0, 0, 0, 0, 0, (byte)vni])));
        int index = Kernel.FindLink(name)!.Index;
        Do(new RtnetlinkChange.SetLink(index) { Up = true });
        return index;
    }

    public void Do(params RtnetlinkChange[] changes) => Assert.All(Kernel.Apply(changes), Assert.Null);

    /// <summary>ip(8) inside: what another program sees.</summary>
    public string Ip(string arguments) => Tool("ip", $"-n {Name} {arguments}");

    public string Bridge(string arguments) => Tool("bridge", $"-n {Name} {arguments}");

    public void Dispose()
    {
        Kernel?.Dispose();
        Inside.Dispose();
        NetworkNamespace.Delete(Name);
    }

    /// <summary>A program inside, and what it prints, whatever its exit status.</summary>
    public string Run(string program, string arguments)
    {
        using var process = Inside.StartProcess(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
        string output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        return output;
    }

    private static string Tool(string program, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = process.StandardOutput.ReadToEnd();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {arguments}: {error}");
    }
}
