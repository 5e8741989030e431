using System.Net;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

/// <summary>
/// Two hosts, each a network namespace, on one link; each has a TUN device with inner addresses 10.9.n.1 and fd09:0:0:n::1, and a loop behind it.
/// </summary>
internal sealed class Tunnel : IDisposable
{
    public const string Device = "flannel0";
    public const int Port = 8285;

    private readonly List<ForwarderLoop> loops = [];

    /// <param name="mtu">Of the TUN devices.</param>
    public Tunnel(int mtu = 1472, bool outerIPv6 = false)
    {
        OuterIPv6 = outerIPv6;
        Hosts[0].Do(new RtnetlinkChange.CreateVeth("eth0", "eth0", Hosts[1].Inside.Descriptor));
        for (int i = 0; i < 2; i++)
        {
            var (host, n) = (Hosts[i], i + 1);
            host.Do(new RtnetlinkChange.CreateTun(Device, $"test {n}"));
            int tun = host.Kernel.FindLink(Device)!.Index, eth = host.Kernel.FindLink("eth0")!.Index, lo = host.Kernel.FindLink("lo")!.Index;
            host.Do(
                new RtnetlinkChange.SetLink(lo) { Up = true },
                new RtnetlinkChange.SetLink(eth) { Up = true, Mtu = 9000 },
                new RtnetlinkChange.SetLink(tun) { Up = true, Mtu = mtu, TxQueueLength = 10_000 },
                new RtnetlinkChange.PutAddress(new InterfaceAddress(eth, IpPrefix.Parse($"192.0.2.{n}/24"))),
                new RtnetlinkChange.PutAddress(new InterfaceAddress(eth, IpPrefix.Parse($"2001:db8::{n}/64")) { Flags = AddressFlags.NoDad }),
                new RtnetlinkChange.PutAddress(new InterfaceAddress(tun, IpPrefix.Parse($"10.9.{n}.1/32"))),
                new RtnetlinkChange.PutRoute(new Route(IpPrefix.Parse("10.9.0.0/16")) { Interface = tun }, Replace: false));
            if (mtu < 1280)
                continue;
            host.Do(
                new RtnetlinkChange.PutAddress(new InterfaceAddress(tun, IpPrefix.Parse($"fd09:0:0:{n}::1/128")) { Flags = AddressFlags.NoDad }),
                new RtnetlinkChange.PutRoute(new Route(IpPrefix.Parse("fd09::/48")) { Interface = tun }, Replace: false));
        }
    }

    public TestNamespace[] Hosts { get; } = [new(), new()];

    public bool OuterIPv6 { get; }

    /// <summary>Each loop takes datagrams by a socket of each outer family.</summary>
    public bool BothOuterFamilies { get; init; }

    public ForwardingTables[] Tables { get; } = [new(), new()];

    public ForwarderCounters[] Counters { get; private set; } = [];

    public ForwardingPeer[] Peers { get; private set; } = [];

    public List<Exception> Failures { get; } = [];

    /// <summary>Of each host, where packets are encrypted.</summary>
    public TestKeyExchange[] Exchanges { get; private set; } = [];

    public IReadOnlyList<ForwarderLoop> Loops => loops;

    public static IPAddress Inner(int host, bool v6) => IPAddress.Parse(v6 ? $"fd09:0:0:{host + 1}::1" : $"10.9.{host + 1}.1");

    public static IPAddress Outer(int host, bool v6) => IPAddress.Parse(v6 ? $"2001:db8::{host + 1}" : $"192.0.2.{host + 1}");

    /// <summary>What belongs to a host inside.</summary>
    public static IpPrefix[] Subnets(int host) => [IpPrefix.Parse($"10.9.{host + 1}.0/24"), IpPrefix.Parse($"fd09:0:0:{host + 1}::/64")];

    /// <summary>Loops on both hosts; those of before are ended first.</summary>
    /// <param name="encrypted">With new keys at each start.</param>
    /// <param name="secondPort">Where the first host sends to.</param>
    public void Start(ForwarderOptions? first = null, ForwarderOptions? second = null, bool encrypted = false, int secondPort = Port)
    {
        Stop();
        Counters = [new(), new()];
        if (encrypted)
        {
            StaticKey[] keys = [StaticKey.Generate(), StaticKey.Generate()];
            Exchanges = [new(keys[0], 1, keys[1].PublicKey), new(keys[1], 1, keys[0].PublicKey)];
        }
        // A host's own key exchange is with the other one.
        Peers =
        [
            new("h1", new IPEndPoint(Outer(0, OuterIPv6), Port), encrypted ? Exchanges[1].Peer : null),
            new("h2", new IPEndPoint(Outer(1, OuterIPv6), secondPort), encrypted ? Exchanges[0].Peer : null),
        ];
        for (int i = 0; i < 2; i++)
        {
            int me = i, other = 1 - i;
            Tables[me].Current = new ForwardingTable(Subnets(other).Select(subnet => (subnet, Peers[other])), Subnets(me), [Inner(me, false), Inner(me, true)], 9000);
            var options = (me == 0 ? first : second) ?? ForwarderOptions.Default;
            if (encrypted)
                Exchanges[me].Target = Peers[other];
            var setup = new ForwarderSetup(Device, [.. Families.Select(v6 => new IPEndPoint(Outer(me, v6), Port))], Tables[me], options, encrypted ? Exchanges[me].Encryption : null);
            loops.Add(Hosts[me].Inside.Run(() => ForwarderLoop.Start(setup, 0, Counters[me], Failures.Add)));
        }
        // The first queue gives the device its carrier; a moment later the kernel puts its transmit queues to work, and drops what comes before.
        foreach (var host in Hosts)
        {
            for (int i = 0; i < 100 && host.Run("ip", $"link show {Device}").Contains("state DOWN", StringComparison.Ordinal); i++)
                Thread.Sleep(10);
        }
    }

    private bool[] Families => BothOuterFamilies ? [false, true] : [OuterIPv6];

    public void Stop()
    {
        loops.ForEach(loop => loop.Dispose());
        loops.Clear();
        foreach (var exchange in Exchanges)
            exchange.Dispose();
        Exchanges = [];
    }

    public void Dispose()
    {
        Stop();
        foreach (var host in Hosts)
            host.Dispose();
    }
}
