using System.Collections.Frozen;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.View;
using Google.Protobuf;

namespace AkkaOverlay.Actors.Wire;

/// <summary>Writes every <see cref="IOverlayMessage"/> as protobuf under a manifest of two letters. Manifests and field numbers are kept for ever.</summary>
public sealed class OverlaySerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private static readonly MessageFormat[] Formats =
    [
        MessageFormat.Of<LeaseProtocol.Claim, Proto.Claim>("lc", Proto.Claim.Parser, ToProto, FromProto),
        MessageFormat.Of<LeaseProtocol.Granted, Proto.Granted>("lg", Proto.Granted.Parser,
            m => new() { Lease = m.Lease.ToProto(), Network = m.Network.ToProto(), Conflict = m.Conflict ?? "" },
            p => new(p.Lease.ToDomain(), p.Network.ToDomain(), p.Conflict.Length > 0 ? p.Conflict : null)),
        MessageFormat.Of<LeaseProtocol.Refused, Proto.Refused>("lx", Proto.Refused.Parser,
            m => new() { Reason = ToProto(m.Reason), Text = m.Text },
            p => new(FromProto(p.Reason), p.Text)),
        MessageFormat.Of<LeaseProtocol.NetworkIs, Proto.NetworkIs>("ln", Proto.NetworkIs.Parser,
            m => new() { Network = m.Network.ToProto(), Fingerprint = m.Fingerprint },
            p => new(p.Network.ToDomain(), p.Fingerprint)),
        MessageFormat.Of<LeaseProtocol.Release, Proto.Release>("lr", Proto.Release.Parser,
            m => new() { Owner = m.Owner.ToProto(), Generation = m.Generation, Incarnation = IncarnationOf(m.Incarnation) },
            p => new(p.Owner.ToNodeId(), p.Generation) { Incarnation = IncarnationOf(p.Incarnation) }),
        MessageFormat.Of<LeaseProtocol.StillThere, Proto.StillThere>("lq", Proto.StillThere.Parser, m => new() { Owner = m.Owner.ToProto() }, p => new(p.Owner.ToNodeId())),
        MessageFormat.Of<LeaseProtocol.IAmHere, Proto.IAmHere>("lh", Proto.IAmHere.Parser,
            m => new() { Owner = m.Owner.ToProto(), Incarnation = IncarnationOf(m.Incarnation) },
            p => new(p.Owner.ToNodeId(), IncarnationOf(p.Incarnation))),
        MessageFormat.Of<LeaseProtocol.Released, Proto.Released>("ld", Proto.Released.Parser,
            m => new() { Owner = m.Owner.ToProto(), Generation = m.Generation },
            p => new(p.Owner.ToNodeId(), p.Generation)),
        MessageFormat.Of<LeaseProtocol.Watch, Proto.Watch>("fw", Proto.Watch.Parser,
            m => new() { Watcher = m.Watcher.ToProto(), Epoch = m.Epoch.ToProto(), Revision = m.Revision },
            p => new(p.Watcher.ToNodeId(), p.Epoch.ToGuid(), p.Revision)),
        MessageFormat.Of<LeaseProtocol.Snapshot, Proto.Snapshot>("fs", Proto.Snapshot.Parser, ToProto,
            p => new(p.Epoch.ToGuid(), p.Revision, p.Network.ToDomain(), p.Leases.Select(l => l.ToDomain()).ToEquatableArray(), PageOf(p), checked((int)p.Pages))),
        MessageFormat.Of<LeaseProtocol.Change, Proto.Change>("fc", Proto.Change.Parser,
            m => new() { Epoch = m.Epoch.ToProto(), Previous = m.Previous, Revision = m.Revision, Event = m.Event.ToProto() },
            p => new(p.Epoch.ToGuid(), p.Previous, p.Revision, p.Event.ToDomain())),
        MessageFormat.Of<LeaseProtocol.UpToDate, Proto.UpToDate>("fu", Proto.UpToDate.Parser,
            m => new() { Epoch = m.Epoch.ToProto(), Revision = m.Revision },
            p => new(p.Epoch.ToGuid(), p.Revision)),
        MessageFormat.Of<LeaseProtocol.Describe, Proto.Describe>("oq", Proto.Describe.Parser,
            m => new() { Only = m.Only?.ToProto(), After = m.After?.ToProto() },
            p => new(p.Only?.ToSubnet(), p.After?.ToSubnet())),
        MessageFormat.Of<LeaseProtocol.Described, Proto.Described>("od", Proto.Described.Parser, m => m.ToProto(), p => p.ToDomain()),
        MessageFormat.Of<LeaseProtocol.Reserve, Proto.Reserve>("or", Proto.Reserve.Parser,
            m => new() { Subnet = m.Subnet.ToProto(), Host = m.Host },
            p => new(p.Subnet.ToSubnet(), p.Host)),
        MessageFormat.Of<LeaseProtocol.Unreserve, Proto.Unreserve>("ou", Proto.Unreserve.Parser, m => new() { Subnet = m.Subnet.ToProto() }, p => new(p.Subnet.ToSubnet())),
        MessageFormat.Of<LeaseProtocol.EndLease, Proto.EndLease>("oe", Proto.EndLease.Parser,
            m => new() { Subnet = m.Subnet.ToProto(), Force = m.Force },
            p => new(p.Subnet.ToSubnet(), p.Force)),
        MessageFormat.Of<LeaseProtocol.Done, Proto.Done>("oa", Proto.Done.Parser, m => new() { Text = m.Text }, p => new(p.Text)),
        MessageFormat.Of<LeaseProtocol.SetNetwork, Proto.SetNetwork>("os", Proto.SetNetwork.Parser, NetworkMapping.ToProto, NetworkMapping.ToDomain),
        MessageFormat.Of<LeaseProtocol.NetworkCompared, Proto.NetworkCompared>("oc", Proto.NetworkCompared.Parser, NetworkMapping.ToProto, NetworkMapping.ToDomain),
        MessageFormat.Of<LeaseProtocol.DescribeNetwork, Proto.DescribeNetwork>("on", Proto.DescribeNetwork.Parser, _ => new(), _ => new()),
        MessageFormat.Of<LeaseProtocol.NetworkDescribed, Proto.NetworkDescribed>("ov", Proto.NetworkDescribed.Parser, NetworkMapping.ToProto, NetworkMapping.ToDomain),
        MessageFormat.Of<LeaseProtocol.ReportNetwork, Proto.ReportNetwork>("fr", Proto.ReportNetwork.Parser,
            m => new() { Version = m.Version, NextNetConf = m.Next is { } next ? NetConf.ToFlannelJson(next) : "", Question = m.Question },
            p => new(p.Version, p.NextNetConf.Length > 0 ? NetConf.Parse(p.NextNetConf) : null, p.Question)),
        MessageFormat.Of<LeaseProtocol.NetworkReport, Proto.NetworkReport>("fa", Proto.NetworkReport.Parser, NetworkMapping.ToProto, NetworkMapping.ToDomain),
        MessageFormat.Of<LedgerSnapshot, Proto.LedgerSnapshot>("js", Proto.LedgerSnapshot.Parser, m => m.ToProto(), p => p.ToDomain()),
        MessageFormat.Of<LedgerEntry, Proto.LedgerEvent>("je", Proto.LedgerEvent.Parser, m => m.Event.ToProto(), p => new(p.ToDomain())),
        MessageFormat.Of<NodeProtocol.WhoAreYou, Proto.WhoAreYou>("nw", Proto.WhoAreYou.Parser,
            m => new() { Address = m.Address, Uid = m.Uid, Network = m.Network },
            p => new(p.Address, checked((int)p.Uid)) { Network = p.Network }),
        MessageFormat.Of<NodeProtocol.IAm, Proto.IAm>("ni", Proto.IAm.Parser,
            m => new() { Address = m.Address, Uid = m.Uid, Up = m.Up, KnowsYou = m.KnowsYou, CoreMembers = (uint)m.CoreMembers, Network = m.Network },
            p => new(p.Address, checked((int)p.Uid), p.Up, p.KnowsYou, checked((int)p.CoreMembers)) { Network = p.Network }),
        MessageFormat.Of<NodeProtocol.LeaveOverlay, Proto.LeaveOverlay>("nl", Proto.LeaveOverlay.Parser, DrainMapping.ToProto, DrainMapping.ToDomain),
        MessageFormat.Of<NodeProtocol.LeavingOverlay, Proto.LeavingOverlay>("na", Proto.LeavingOverlay.Parser,
            m => new() { Accepted = m.Accepted, Text = m.Text },
            p => new(p.Accepted, p.Text)),
        MessageFormat.Of<NodeProtocol.SeatNews, Proto.SeatNews>("sn", Proto.SeatNews.Parser, SeatMapping.ToProto, SeatMapping.ToDomain),
        MessageFormat.Of<NodeProtocol.VoteRequest, Proto.VoteRequest>("sr", Proto.VoteRequest.Parser, SeatMapping.ToProto, SeatMapping.ToDomain),
        MessageFormat.Of<NodeProtocol.Vote, Proto.Vote>("sv", Proto.Vote.Parser, SeatMapping.ToProto, SeatMapping.ToDomain),
        MessageFormat.Of<NodeProtocol.CoreViews, Proto.CoreViews>("sc", Proto.CoreViews.Parser, SeatMapping.ToProto, SeatMapping.ToDomain),
        MessageFormat.Of<NodeProtocol.ExplainPath, Proto.ExplainPath>("np", Proto.ExplainPath.Parser, PathMapping.ToProto, PathMapping.ToDomain),
        MessageFormat.Of<NodeProtocol.PathExplained, Proto.PathExplained>("ne", Proto.PathExplained.Parser, PathMapping.ToProto, PathMapping.ToDomain),
        MessageFormat.Of<ViewProtocol.DescribeHost, Proto.DescribeHost>("vq", Proto.DescribeHost.Parser, m => new() { Number = m.Number }, p => new(p.Number)),
        MessageFormat.Of<ViewProtocol.HostDescribed, Proto.HostDescribed>("va", Proto.HostDescribed.Parser, ViewMapping.ToProto, ViewMapping.ToDomain),
        MessageFormat.Of<ProbeProtocol.Announcement, Proto.ProbeAnnouncement>("pa", Proto.ProbeAnnouncement.Parser, ProbeMapping.ToProto, ProbeMapping.ToDomain),
        .. QuorumFormats.All,
    ];

    private static readonly FrozenDictionary<Type, MessageFormat> ByType = Formats.ToFrozenDictionary(format => format.Type);

    private static readonly FrozenDictionary<string, MessageFormat> ByManifest = Formats.ToFrozenDictionary(format => format.Manifest);

    public const int OverlayIdentifier = 5301;

    public override int Identifier => OverlayIdentifier;

    /// <summary>Every manifest in use, for tests.</summary>
    internal static IEnumerable<string> Manifests => ByManifest.Keys;

    public override string Manifest(object o) =>
        ByType.TryGetValue(o.GetType(), out var format) ? format.Manifest : throw new SerializationException($"{o.GetType()} has no manifest.");

    public override byte[] ToBinary(object obj) =>
        ByType.TryGetValue(obj.GetType(), out var format) ? format.Write(obj).ToByteArray() : throw new SerializationException($"{obj.GetType()} has no manifest.");

    /// <exception cref="SerializationException">An unknown manifest, or bytes that are not what the manifest says: the message is dropped by the caller.</exception>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        if (!ByManifest.TryGetValue(manifest, out var format))
            throw new SerializationException($"Unknown manifest '{manifest}': written by a newer release, or by nobody of ours.");
        try
        {
            return format.Read(bytes);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or FormatException or OverflowException or Network.NetConfException)
        {
            throw new SerializationException($"A message '{manifest}' cannot be read: {e.Message}", e);
        }
    }

    private static Proto.Claim ToProto(LeaseProtocol.Claim message)
    {
        var claim = message.Command;
        var proto = new Proto.Claim
        {
            Owner = claim.Owner.ToProto(),
            NodeName = claim.NodeName,
            Public = claim.Public.ToProto(),
            Held = claim.Held.ToProto(),
            NetworkFingerprint = message.NetworkFingerprint ?? "",
            Incarnation = IncarnationOf(message.Incarnation),
            UnderlayMtu = claim.UnderlayMtu.ToProto(),
        };
        foreach (var offer in claim.Offers)
            proto.Offers.Add(offer.ToProto());
        return proto;
    }

    private static LeaseProtocol.Claim FromProto(Proto.Claim p) => new(
        new LeaseCommand.Claim(p.Owner.ToNodeId(), p.NodeName, p.Public.ToDomain(), p.Offers.ToDomain(), p.Held.ToDomain()) { UnderlayMtu = p.UnderlayMtu.ToMtu() },
        p.NetworkFingerprint.Length > 0 ? p.NetworkFingerprint : null)
    {
        Incarnation = IncarnationOf(p.Incarnation),
    };

    /// <summary>None is written as nothing, so that a message without one is the same as an earlier release's.</summary>
    private static ByteString IncarnationOf(Guid incarnation) => incarnation == Guid.Empty ? ByteString.Empty : incarnation.ToProto();

    private static Guid IncarnationOf(ByteString incarnation) => incarnation.IsEmpty ? Guid.Empty : incarnation.ToGuid();

    private static Proto.Snapshot ToProto(LeaseProtocol.Snapshot message)
    {
        var proto = new Proto.Snapshot
        {
            Epoch = message.Epoch.ToProto(),
            Revision = message.Revision,
            Network = message.Network.ToProto(),
            Page = (uint)message.Page,
            Pages = (uint)message.Pages,
        };
        foreach (var lease in message.Leases)
            proto.Leases.Add(lease.ToProto());
        return proto;
    }

    private static int PageOf(Proto.Snapshot p) => p.Page < p.Pages ? (int)p.Page : throw new FormatException($"Page {p.Page} of {p.Pages} cannot be.");

    private static Proto.Refused.Types.Reason ToProto(RefusalReason reason) => reason switch
    {
        RefusalReason.NoNetwork => Proto.Refused.Types.Reason.NoNetwork,
        RefusalReason.OutOfSubnets => Proto.Refused.Types.Reason.OutOfSubnets,
        RefusalReason.NotHeld => Proto.Refused.Types.Reason.NotHeld,
        RefusalReason.Clone => Proto.Refused.Types.Reason.Clone,
        RefusalReason.Denied => Proto.Refused.Types.Reason.Denied,
        _ => Proto.Refused.Types.Reason.Unknown,
    };

    private static RefusalReason FromProto(Proto.Refused.Types.Reason reason) => reason switch
    {
        Proto.Refused.Types.Reason.NoNetwork => RefusalReason.NoNetwork,
        Proto.Refused.Types.Reason.OutOfSubnets => RefusalReason.OutOfSubnets,
        Proto.Refused.Types.Reason.NotHeld => RefusalReason.NotHeld,
        Proto.Refused.Types.Reason.Clone => RefusalReason.Clone,
        Proto.Refused.Types.Reason.Denied => RefusalReason.Denied,
        _ => RefusalReason.Unknown,
    };
}
