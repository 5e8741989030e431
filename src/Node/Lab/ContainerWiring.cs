using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Node.Lab;

/// <summary>
/// Puts a container behind a host, as a CNI bridge plugin or Docker would do it: on the host the bridge cni0 with the subnet's first address and the
/// port veth0; in the container eth0 with the second address and the default route.
/// </summary>
internal sealed class ContainerWiring(NetworkNamespace host, NetworkNamespace container)
{
    private const string Bridge = "cni0", Port = "veth0", Device = "eth0";

    /// <summary>What stands now; null before the first time.</summary>
    public SubnetFile? Current { get; private set; }

    public void Apply(SubnetFile wanted)
    {
        if (wanted == Current)
            return;
        using var outside = new NamespaceNetlink(host);
        using var inside = new NamespaceNetlink(container);
        if (Current is null || Current with { Mtu = wanted.Mtu } != wanted)
        {
            Current = null;
            Rebuild(outside, inside, wanted);
        }
        SetMtu(outside, inside, wanted.Mtu);
        Current = wanted;
    }

    private void Rebuild(NamespaceNetlink outside, NamespaceNetlink inside, SubnetFile wanted)
    {
        outside.DeleteIfThere(Port);
        outside.DeleteIfThere(Bridge);
        outside.CreateBridge(Bridge);
        outside.CreateVeth(Port, Device, container);
        outside.SetUp(Port, bridge: Bridge);
        outside.SetUp(Bridge);
        inside.SetUp(Device);
        foreach (var gateway in new[] { wanted.Gateway, wanted.Gateway6 }.OfType<IpPrefix>())
        {
            outside.PutAddress(Bridge, gateway);
            inside.PutAddress(Device, new IpPrefix(gateway.AddressAt(2), gateway.Length));
            inside.PutDefaultRoute(Device, gateway.Address);
        }
    }

    private static void SetMtu(NamespaceNetlink outside, NamespaceNetlink inside, int mtu)
    {
        outside.SetLink(Port, mtu: mtu);
        outside.SetLink(Bridge, mtu: mtu);
        inside.SetLink(Device, mtu: mtu);
    }
}
