using System.Collections.Immutable;
using System.Net;
using System.Runtime.Serialization;
using System.Text;
using AkkaOverlay.Actors;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Explain;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.View;
using AkkaOverlay.Actors.Wire;
using AkkaOverlay.Fuzz.Engine;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Fuzz.Targets;

/// <summary>What other nodes send and what the journal holds: the manifest's two letters, then the message.</summary>
internal static class WireTarget
{
    // Neither reading nor writing asks the actor system.
    private static readonly OverlaySerializer Serializer = new(null!);

    public static IReadOnlyList<string> Manifests { get; } = [.. OverlaySerializer.Manifests.Order(StringComparer.Ordinal)];

    internal static NetworkVersion Network { get; } = new(1, NetConf.Parse("""{"Network":"10.244.0.0/16","EnableIPv6":true,"IPv6Network":"fd44::/56"}"""));

    internal static Lease Lease { get; } = new()
    {
        Owner = NodeId.Parse("0f8fad5b-d9cb-469f-a165-70867728950e"),
        NodeName = "h1",
        Subnets = new LeaseSubnets(IpPrefix.Parse("10.244.1.0/24"), IpPrefix.Parse("fd44:0:0:1::/64")),
        Generation = 3,
        Public = new HostAddresses(IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")),
        Offers = [new VxlanOffer(1, new MacAddress(0x0200_0000_0001)), new HostGwOffer(), new AllocOffer()],
    };

    public static FuzzTarget Create() => new("wire", Shape.Message, Samples(), Parse, typeof(SerializationException));

    /// <summary>What every lease that is read must be, wherever it comes from.</summary>
    public static void Check(LeaseSubnets subnets)
    {
        if (subnets.IPv4 is { } v4 && (!v4.IsIPv4 || !v4.IsNetwork))
            throw new BrokenPromiseException($"{v4} as an IPv4 subnet");
        if (subnets.IPv6 is { } v6 && (v6.IsIPv4 || !v6.IsNetwork))
            throw new BrokenPromiseException($"{v6} as an IPv6 subnet");
    }

    public static void Check(Lease lease)
    {
        Check(lease.Subnets);
        Check(lease.Public);
        if (lease.OfferOf<VxlanOffer>() is { Vni: > 0xFFFFFF } vxlan)
            throw new BrokenPromiseException($"VNI {vxlan.Vni}");
    }

    private static void Check(HostAddresses addresses)
    {
        if (addresses.IPv4 is { } v4 && v4.BitLength() != 32)
            throw new BrokenPromiseException($"{v4} as an IPv4 address");
        if (addresses.IPv6 is { } v6 && v6.BitLength() != 128)
            throw new BrokenPromiseException($"{v6} as an IPv6 address");
    }

    private static void Parse(byte[] input)
    {
        string manifest = Encoding.Latin1.GetString(input, 0, Math.Min(2, input.Length));
        object message = Serializer.FromBinary(input[Math.Min(2, input.Length)..], manifest);
        if (Serializer.Manifest(message) != manifest)
            throw new BrokenPromiseException($"{manifest} was read as {message.GetType()}");
        byte[] once = Serializer.ToBinary(message);
        if (!once.AsSpan().SequenceEqual(Serializer.ToBinary(Serializer.FromBinary(once, manifest))))
            throw new BrokenPromiseException($"{message.GetType()} is not the same when written and read again");
        switch (message)
        {
            case LeaseProtocol.Claim { Command: var claim }:
                Check(claim.Public);
                if (claim.Held is { } held)
                    Check(held.Subnets);
                break;
            case LeaseProtocol.Granted granted:
                Check(granted.Lease);
                break;
            case LeaseProtocol.Snapshot snapshot:
                foreach (var lease in snapshot.Leases)
                    Check(lease);
                if (snapshot.Page < 0 || snapshot.Page >= snapshot.Pages)
                    throw new BrokenPromiseException($"page {snapshot.Page} of {snapshot.Pages}");
                break;
            case LeaseProtocol.Change { Event: LeaseEvent.Granted { Lease: var lease } }:
                Check(lease);
                break;
            case LedgerEntry { Event: LeaseEvent.Changed { Lease: var lease } }:
                Check(lease);
                break;
        }
    }

    private static List<byte[]> Samples()
    {
        var subnet = IpPrefix.Parse("10.244.9.0/24");
        var epoch = Guid.Parse("11111111-2222-3333-4444-555555555555");
        IOverlayMessage[] messages =
        [
            new LeaseProtocol.Claim(new LeaseCommand.Claim(Lease.Owner, "h1", Lease.Public, Lease.Offers, new HeldLease(Lease.Subnets, 3)), NetConf.Fingerprint(Network.Config)),
            new LeaseProtocol.Granted(Lease, Network, "another has it"),
            new LeaseProtocol.Refused(RefusalReason.OutOfSubnets, "none left"),
            new LeaseProtocol.NetworkIs(Network, "ab"),
            new LeaseProtocol.Release(Lease.Owner, 3),
            new LeaseProtocol.Released(Lease.Owner, 3),
            new LeaseProtocol.Watch(Lease.Owner, epoch, 9),
            new LeaseProtocol.Snapshot(epoch, 9, Network, [Lease, Lease with { Generation = 4 }], 0, 1),
            new LeaseProtocol.Change(epoch, 8, 9, new LeaseEvent.Granted(Lease)),
            new LeaseProtocol.UpToDate(epoch, 9),
            new LedgerEntry(new LeaseEvent.NetworkSet(1, Network.Config)),
            new LedgerEntry(new LeaseEvent.NetworkSet(2, Network.Config) { Note = new NetworkNote(DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(20), "why") }),
            new LeaseProtocol.SetNetwork(1, Network.Config, true),
            new LeaseProtocol.NetworkCompared(1, true, [new FieldChange("Backend.MTU", "0", "1400", ChangeEffect.InPlace, "note")], 3),
            new LeaseProtocol.DescribeNetwork(),
            new LeaseProtocol.NetworkDescribed(Network, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(20), "why", 3, 2, ["h1: x"]),
            new LeaseProtocol.ReportNetwork(1, Network.Config),
            new LeaseProtocol.NetworkReport(Lease.Owner, 1, NetworkProgress.Failing, "dead", "no"),
            new LedgerEntry(new LeaseEvent.Changed(Lease)),
            new LedgerEntry(new LeaseEvent.Released(Lease.Owner, 3)),
            new LedgerEntry(new LeaseEvent.Expired(Lease.Owner, 3)),
            new LedgerEntry(new LeaseEvent.QuarantineOver(subnet)),
            new LedgerEntry(new LeaseEvent.Reserved(subnet, "h1")),
            new LedgerEntry(new LeaseEvent.Unreserved(subnet)),
            new LeaseProtocol.StillThere(Lease.Owner),
            new LeaseProtocol.IAmHere(Lease.Owner, epoch),
            new LeaseProtocol.Describe(subnet, null),
            new LeaseProtocol.Described(9, [new LeaseDescription(Lease.Subnets, LeaseState.Held, Lease, Lease.Owner, "h1", "h1", Unseen: TimeSpan.FromSeconds(1))], subnet),
            new LeaseProtocol.Reserve(subnet, "h1"),
            new LeaseProtocol.Unreserve(subnet),
            new LeaseProtocol.EndLease(subnet, true),
            new LeaseProtocol.Done("done"),
            new LedgerSnapshot(
                9,
                Network,
                [Lease],
                new SpaceSnapshot([(subnet, 7)], [(subnet, Lease.Owner)], [(subnet, new Quarantine(Lease.Owner, "h1", 8))], [(subnet, "h1")]),
                new SpaceSnapshot([], [], [], []))
            {
                Standing = new NetworkStanding(DateTimeOffset.UnixEpoch, new NetworkTrial(Network, TimeSpan.FromSeconds(20)), null),
            },
            new NodeProtocol.WhoAreYou("akka.tcp://overlay@192.0.2.1:4053", -5),
            new NodeProtocol.IAm("akka.tcp://overlay@192.0.2.1:4053", 7, true, true, 3),
            new NodeProtocol.LeaveOverlay(),
            new NodeProtocol.LeavingOverlay(false, "not now"),
            new NodeProtocol.SeatNews("a", ["a", "b", "c"], epoch, true, true, 2, ["b"], false, true, new LedgerIdentity(LedgerIdentity.Postgres, epoch)),
            new NodeProtocol.VoteRequest("a", 300, epoch, ["a", "b", "c"], true, true, new LedgerIdentity(LedgerIdentity.Quorum, null)),
            new NodeProtocol.Vote("b", 300, true, ["a", "b", "c"]),
            new NodeProtocol.CoreViews([new NodeProtocol.CoreView(-5, 300, [1, -2], [3])]),
            new NodeProtocol.ExplainPath(Lease.Owner, IPAddress.Parse("10.244.1.2"), IPAddress.Parse("10.244.9.2"), PathSide.Arriving, IPAddress.Parse("192.0.2.1"), 1500),
            new NodeProtocol.PathExplained(Lease.Owner, "h1", 1500, [new PathStep("route", StepState.Broken, "actual", "wanted", "reason", "mend"), PathStep.Ok("mtu", "1450")]),
            new ViewProtocol.DescribeHost(7),
            new ViewProtocol.HostDescribed(7, new HostView(
                Lease.Owner, "h1", "0.1.0", TimeSpan.FromSeconds(5), "routes: 1 missing", 1, 1450, new TunnelTraffic("flannel.1", 1, 2, 3, 4),
                [new PeerWay(Lease.Owner, WayState.Lossy, 300)], [new OverlayEvent(1, EventKind.Repair, EventWeight.Warning, "h1", "text", TimeSpan.FromSeconds(1))])),
            new ProbeProtocol.Announcement(Lease.Owner, "h1", [new IPEndPoint(IPAddress.Parse("10.244.9.0"), 4444)], new ProbeToken(7), 1450, "no address", true),
            .. QuorumSamples.All,
        ];
        var without = Manifests.Except(messages.Select(Serializer.Manifest)).ToList();
        return without.Count == 0
            ? [.. messages.Select(message => (byte[])[.. Encoding.Latin1.GetBytes(Serializer.Manifest(message)), .. Serializer.ToBinary(message)])]
            : throw new InvalidOperationException($"no sample of {string.Join(", ", without)}");
    }
}
