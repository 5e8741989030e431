using System.Net;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Kernel.Sysctl;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Node.Tests.Lab;

/// <summary>Labs in this process would sweep and count each other's objects: they run one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LabCollection
{
    public const string Name = "lab";
}

/// <summary>Does by hand what nodes would do.</summary>
internal static class ByHand
{
    /// <summary>subnet.env, the container behind it, and forwarding.</summary>
    public static void Connect(LabHost host, int mtu = 1500)
    {
        File.WriteAllText(host.SubnetFile, $"""
            FLANNEL_NETWORK=10.244.0.0/16
            FLANNEL_SUBNET=10.244.{host.Index}.1/24
            FLANNEL_IPV6_NETWORK=fd44::/56
            FLANNEL_IPV6_SUBNET=fd44:0:0:{host.Index}::1/64
            FLANNEL_MTU={mtu}
            FLANNEL_IPMASQ=false

            """);
        host.Host.Run(() =>
        {
            Sysctls.Write("net.ipv4.ip_forward", "1");
            Sysctls.Write("net.ipv6.conf.all.forwarding", "1");
        });
        host.ConnectContainer();
    }

    /// <summary>Routes from each host to each other's subnets, over the underlay, as host-gw makes them.</summary>
    public static void Route(IReadOnlyList<LabHost> hosts)
    {
        foreach (var from in hosts)
        {
            using var netlink = from.Host.Run(RtnetlinkSocket.Open);
            int device = netlink.FindLink("eth0")!.Index;
            foreach (var to in hosts.Where(host => host != from))
            {
                Put(netlink, device, IpPrefix.Parse($"10.244.{to.Index}.0/24"), to.UnderlayAddress);
                Put(netlink, device, IpPrefix.Parse($"fd44:0:0:{to.Index}::/64"), to.UnderlayAddress6);
            }
        }
    }

    public static LabNetwork TwoHosts()
    {
        var network = LabNetwork.Create();
        foreach (int _ in Enumerable.Range(0, 2))
            Connect(network.AddHost());
        Route(network.Hosts);
        return network;
    }

    public static IEnumerable<string> Leftovers(string lab) =>
        NetworkNamespace.Names().Where(name => name.StartsWith($"{lab}-", StringComparison.Ordinal))
            .Concat(Directory.EnumerateDirectories("/tmp", $"akka-overlay-lab-{lab["aol".Length..]}"));

    private static void Put(RtnetlinkSocket netlink, int device, IpPrefix destination, IPAddress gateway) =>
        Assert.Null(netlink.Apply([new RtnetlinkChange.PutRoute(new Route(destination) { Gateway = gateway, Interface = device, Protocol = 4 }, true)])[0]);
}
