using AkkaOverlay.Actors.Cluster;
using Google.Protobuf;

namespace AkkaOverlay.Actors.Wire;

/// <summary>Between what the core's seats say to each other and the generated classes of <c>nodes.proto</c>.</summary>
internal static class SeatMapping
{
    public static Proto.SeatNews ToProto(NodeProtocol.SeatNews m)
    {
        var proto = new Proto.SeatNews
        {
            Address = m.Address,
            Cluster = ToProto(m.Cluster),
            Up = m.Up,
            Joinable = m.Joinable,
            CoreMembers = (uint)m.CoreMembers,
            Bootstrap = m.Bootstrap,
            Answer = m.Answer,
            Ledger = ToProto(m.Ledger),
            Network = m.Network,
        };
        proto.Seeds.AddRange(m.Seeds);
        proto.Hears.AddRange(m.Hears);
        return proto;
    }

    public static NodeProtocol.SeatNews ToDomain(Proto.SeatNews p) => new(
        p.Address,
        p.Seeds.ToEquatableArray(),
        ToGuid(p.Cluster),
        p.Up,
        p.Joinable,
        checked((int)p.CoreMembers),
        p.Hears.ToEquatableArray(),
        p.Bootstrap,
        p.Answer,
        ToDomain(p.Ledger))
    {
        Network = p.Network,
    };

    public static Proto.VoteRequest ToProto(NodeProtocol.VoteRequest m)
    {
        var proto = new Proto.VoteRequest
        {
            Candidate = m.Candidate,
            Ballot = m.Ballot,
            Cluster = ToProto(m.Cluster),
            Bootstrap = m.Bootstrap,
            Whole = m.Whole,
            Ledger = ToProto(m.Ledger),
        };
        proto.Seeds.AddRange(m.Seeds);
        return proto;
    }

    public static NodeProtocol.VoteRequest ToDomain(Proto.VoteRequest p) =>
        new(p.Candidate, p.Ballot, ToGuid(p.Cluster), p.Seeds.ToEquatableArray(), p.Bootstrap, p.Whole, ToDomain(p.Ledger));

    public static Proto.Vote ToProto(NodeProtocol.Vote m)
    {
        var proto = new Proto.Vote { Voter = m.Voter, Ballot = m.Ballot, Granted = m.Granted };
        proto.Seeds.AddRange(m.Seeds);
        return proto;
    }

    public static NodeProtocol.Vote ToDomain(Proto.Vote p) => new(p.Voter, p.Ballot, p.Granted, p.Seeds.ToEquatableArray());

    public static Proto.CoreViews ToProto(NodeProtocol.CoreViews m)
    {
        var proto = new Proto.CoreViews();
        foreach (var view in m.Views)
        {
            var one = new Proto.CoreView { Uid = view.Uid, Counter = view.Counter };
            one.Reaches.AddRange(view.Reaches.Select(uid => (long)uid));
            one.Lost.AddRange(view.Lost.Select(uid => (long)uid));
            proto.Views.Add(one);
        }
        return proto;
    }

    public static NodeProtocol.CoreViews ToDomain(Proto.CoreViews p) => new(p.Views.Select(ToDomain).ToEquatableArray());

    private static NodeProtocol.CoreView ToDomain(Proto.CoreView p) => new(
        checked((int)p.Uid),
        p.Counter,
        p.Reaches.Select(uid => checked((int)uid)).ToEquatableArray(),
        p.Lost.Select(uid => checked((int)uid)).ToEquatableArray());

    private static Proto.Ledger? ToProto(LedgerIdentity? ledger) => ledger is null ? null : new Proto.Ledger { Kind = ledger.Kind, Id = ToProto(ledger.Id) };

    private static LedgerIdentity? ToDomain(Proto.Ledger? ledger) => ledger is null ? null : new LedgerIdentity(ledger.Kind, ToGuid(ledger.Id));

    private static ByteString ToProto(Guid? id) => id is { } known ? known.ToProto() : ByteString.Empty;

    private static Guid? ToGuid(ByteString bytes) => bytes.IsEmpty ? null : bytes.ToGuid();
}
