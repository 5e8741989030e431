using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Node.Lab;

/// <summary>
/// Puts a container behind a host, as a CNI bridge plugin or Docker would do it: on the host the bridge cni0 with the subnet's first
/// address and the port veth0; in the container eth0 with the second address and the default route.
/// </summary>
/// <param name="bridge">Its name on the host.</param>
/// <param name="port">The container's port there.</param>
internal sealed class ContainerWiring(NetworkNamespace host, NetworkNamespace container, string bridge = "cni0", string port = "veth0")
{
    private const string Device = "eth0";

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
        outside.DeleteIfThere(port);
        outside.DeleteIfThere(bridge);
        outside.CreateBridge(bridge);
        outside.CreateVeth(port, Device, container);
        outside.SetUp(port, bridge: bridge);
        outside.SetUp(bridge);
        inside.SetUp(Device);
        foreach (var gateway in new[] { wanted.Gateway, wanted.Gateway6 }.OfType<IpPrefix>())
        {
            outside.PutAddress(bridge, gateway);
            inside.PutAddress(Device, new IpPrefix(gateway.AddressAt(2), gateway.Length));
            inside.PutDefaultRoute(Device, gateway.Address);
        }
    }

    private void SetMtu(NamespaceNetlink outside, NamespaceNetlink inside, int mtu)
    {
        outside.SetLink(port, mtu: mtu);
        outside.SetLink(bridge, mtu: mtu);
        inside.SetLink(Device, mtu: mtu);
    }
}
