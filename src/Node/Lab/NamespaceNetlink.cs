using System.Net;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Kernel.Sysctl;

namespace AkkaOverlay.Node.Lab;

/// <summary>A netlink socket inside a namespace, used from outside; any refusal is an exception.</summary>
internal sealed class NamespaceNetlink(NetworkNamespace inside) : IDisposable
{
    private const byte StaticProtocol = 4;

    private readonly RtnetlinkSocket socket = inside.Run(RtnetlinkSocket.Open);

    public bool Has(string device) => socket.FindLink(device) is not null;

    /// <exception cref="LabException">There is no such device.</exception>
    public int IndexOf(string device) =>
        socket.FindLink(device)?.Index ?? throw new LabException($"there is no device {device} in {inside.Name}");

    public void CreateBridge(string name) => Apply(new RtnetlinkChange.CreateBridge(name));

    public void CreateVeth(string name, string peer, NetworkNamespace peerNamespace) =>
        Apply(new RtnetlinkChange.CreateVeth(name, peer, peerNamespace.Descriptor));

    /// <summary>
    /// Sets a device up without duplicate address detection: it would keep the link-local address, and with it all of IPv6, away for up to two seconds.
    /// </summary>
    public void SetUp(string device, string? bridge = null)
    {
        inside.Run(() =>
        {
            string key = $"net/ipv6/conf/{device}/accept_dad";
            if (Sysctls.Exists(key))
                Sysctls.Write(key, "0");
        });
        SetLink(device, up: true, bridge: bridge);
    }

    /// <param name="mtu">Octets; null leaves it.</param>
    /// <param name="bridge">The bridge that the device becomes a port of; null leaves it where it is.</param>
    public void SetLink(string device, bool? up = null, int? mtu = null, string? bridge = null) =>
        Apply(new RtnetlinkChange.SetLink(IndexOf(device)) { Up = up, Mtu = mtu, Master = bridge is null ? null : IndexOf(bridge) });

    public void PutAddress(string device, IpPrefix address) =>
        Apply(new RtnetlinkChange.PutAddress(new InterfaceAddress(IndexOf(device), address)));

    public void PutDefaultRoute(string device, IPAddress gateway)
    {
        var everything = new IpPrefix(gateway.BitLength() == 32 ? IPAddress.Any : IPAddress.IPv6Any, 0);
        Apply(new RtnetlinkChange.PutRoute(new Route(everything) { Gateway = gateway, Interface = IndexOf(device), Protocol = StaticProtocol }, Replace: true));
    }

    public void DeleteIfThere(string device)
    {
        if (socket.FindLink(device) is { } link)
            Apply(new RtnetlinkChange.DeleteLink(link.Index));
    }

    public void Dispose() => socket.Dispose();

    private void Apply(RtnetlinkChange change)
    {
        if (socket.Apply([change])[0] is { } error)
            throw new LabException($"{inside.Name}: {error.Text}");
    }
}
