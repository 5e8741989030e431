using System.Net;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.SecondKernel.Tests;

/// <summary>Devices as the kernel makes them of our messages, and shows them again.</summary>
public sealed class DeviceSpecs : IDisposable
{
    private readonly string name = $"ao-test-{Environment.ProcessId}-vm";
    private readonly NetworkNamespace inside;
    private readonly RtnetlinkSocket kernel;

    public DeviceSpecs()
    {
        inside = NetworkNamespace.Create(name);
        kernel = inside.Run(RtnetlinkSocket.Open);
    }

    public void Dispose()
    {
        kernel.Dispose();
        inside.Dispose();
        NetworkNamespace.Delete(name);
    }

    [SecondKernelFact]
    public void An_ipip_device_has_its_settings_and_takes_its_alias_as_it_goes_up()
    {
        var settings = new IpipSettings(IPAddress.Parse("192.0.2.1"));
        Assert.Null(Assert.Single(kernel.Apply([new RtnetlinkChange.CreateIpip("flannel.ipip", settings, 1480)])));
        var made = kernel.FindLink("flannel.ipip")!;
        Assert.Equal(("ipip", settings, 1480, false, null), (made.Kind, made.Ipip, made.Mtu, made.Up, made.Alias));
        Assert.Null(Assert.Single(kernel.Apply([new RtnetlinkChange.SetLink(made.Index) { Up = true, Alias = "akka-overlay x" }])));
        Assert.True(kernel.FindLink("flannel.ipip") is { Up: true, Alias: "akka-overlay x" });
        Assert.Equal(17, Assert.Single(kernel.Apply([new RtnetlinkChange.CreateIpip("another", settings, 1480)]))!.Errno);
    }
}
