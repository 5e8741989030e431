using System.Collections.Immutable;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Fuzz.Engine;
using AkkaOverlay.Node.Lab;
using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Fuzz.Targets;

/// <summary>Files that operators write, and those that we wrote ourselves before a disk or an editor had its way with them.</summary>
internal static class FileTargets
{
    private const string BootId = "b00t";

    public static IEnumerable<FuzzTarget> All()
    {
        yield return FuzzTarget.OfText("net-conf.json", NetConfSamples, ReadNetConf, typeof(NetConfException));
        yield return FuzzTarget.OfText("node.json", NodeFileSamples, ReadNodeFile, typeof(UsageException));
        yield return FuzzTarget.OfText("subnet.env", SubnetEnvSamples(), ReadSubnetEnv, typeof(FormatException));
        yield return FuzzTarget.OfText("lease.json", [HostFiles.Format(new HeldLease(WireTarget.Lease.Subnets, 3))], ReadLease, typeof(InvalidDataException), typeof(FormatException));
        // A feed that cannot be read is as good as none.
        yield return FuzzTarget.OfText("feed.json", [Feed()], ReadFeed);
    }

    private static IEnumerable<string> NetConfSamples =>
    [
        """{"Network":"10.244.0.0/16"}""",
        """{"Network":"10.0.0.0/8","SubnetLen":20,"SubnetMin":"10.10.0.0","SubnetMax":"10.99.0.0","Backend":{"Type":"udp","Port":7890}}""",
        """{"EnableIPv4":false,"EnableIPv6":true,"IPv6Network":"fd44::/56","IPv6SubnetLen":64,"Backend":{"Type":"host-gw"}}""",
        """{"Network":"10.244.0.0/16","EnableNFTables":true,"MasqExclude":["10.0.0.0/8","fd00::/8"],"Backend":{"Type":"vxlan","VNI":7,"Port":4789,"GBP":true,"DirectRouting":true,"MTU":1400}}""",
        """{"Network":"10.244.0.0/16","Backend":{"Type":"wireguard","PSK":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=","ListenPort":51820,"Mode":"separate","PersistentKeepaliveInterval":25}}""",
        """{"Network":"10.244.0.0/16","Backend":{"Type":"extension","PreStartupCommand":"echo hello","SubnetAddCommand":["ip","route"],"ShutdownCommand":"true"}}""",
    ];

    private static IEnumerable<string> NodeFileSamples =>
    [
        """{"seed":["192.0.2.1","node2.example:4054","[2001:db8::3]:4055"],"port":4053,"role":["edge"],"on-exit":"keep"}""",
        """{"iface":["eth0","192.0.2.1"],"iface-regex":["^e(th|n)[0-9]+$"],"iface-can-reach":"2001:db8::1","public-ip":"203.0.113.1","public-ipv6":"2001:db8::2","node-name":"h1"}""",
    ];

    private static IEnumerable<string> SubnetEnvSamples() =>
    [
        SubnetEnv.Format(WireTarget.Network.Config, WireTarget.Lease.Subnets, 1450, ipMasq: true),
        SubnetEnv.Format(WireTarget.Network.Config, WireTarget.Lease.Subnets with { IPv6 = null }, 1450, ipMasq: false),
    ];

    private static string Feed() => HostFiles.Format(BootId, new SavedLedger(LedgerView.Unknown with
    {
        Epoch = Guid.Parse("11111111-2222-3333-4444-555555555555"),
        Revision = 9,
        Network = WireTarget.Network,
        Leases = ImmutableDictionary<NodeId, Lease>.Empty.Add(WireTarget.Lease.Owner, WireTarget.Lease),
    }, WireTarget.Lease));

    private static void ReadNetConf(string text)
    {
        NetworkConfig config;
        try
        {
            config = NetConf.Parse(text);
        }
        catch (NetConfException e) when (e.Message.Any(char.IsControl))
        {
            throw new BrokenPromiseException($"a message that is not one line of text: {e.Message}");
        }
        NetConf.ToEffectiveJson(config);
        if (!NetConf.Parse(NetConf.ToFlannelJson(config)).Equals(config))
            throw new BrokenPromiseException("the canonical form means something else");
    }

    private static void ReadNodeFile(string text)
    {
        var values = OptionSources.Read(RunOptions.Specs, "node.json", text);
        values.TryAdd("seed", new OptionValue("--seed", ["192.0.2.1"]));
        RunOptions.From(values);
    }

    private static void ReadSubnetEnv(string text)
    {
        var file = SubnetFile.Parse(text);
        if (file.Mtu < 0 || file.Gateway is { IsIPv4: false } || file.Gateway6 is { IsIPv4: true })
            throw new BrokenPromiseException(file.ToString());
        _ = (file.Container, file.Container6);
    }

    private static void ReadLease(string text)
    {
        if (HostFiles.ReadLease("lease.json", text) is { } lease)
            WireTarget.Check(lease.Subnets);
    }

    private static void ReadFeed(string text)
    {
        if (HostFiles.ReadFeed("feed.json", text, BootId) is not { } saved)
            return;
        foreach (var lease in saved.View.Leases.Values)
            WireTarget.Check(lease);
        if (saved.Own is { } own)
            WireTarget.Check(own);
    }
}
