using System.Collections.Immutable;
using AkkaOverlay.Actors.QuorumJournal;
using Google.Protobuf.Collections;
using Q = AkkaOverlay.Actors.Wire.Proto.Quorum;

namespace AkkaOverlay.Actors.Wire;

/// <summary>The quorum journal's types as protobuf, and back.</summary>
internal static class QuorumMapping
{
    public static Q.Epoch ToProto(this Epoch epoch) => new() { Round = epoch.Round, Writer = epoch.Writer.ToProto() };

    /// <summary>An absent epoch is none.</summary>
    public static Epoch ToDomain(this Q.Epoch? epoch) => epoch is null ? Epoch.None : new Epoch(epoch.Round, epoch.Writer.ToGuid());

    public static Q.Roster? ToProto(this Roster? roster)
    {
        if (roster is null)
            return null;
        var proto = new Q.Roster { Ledger = roster.Ledger.ToProto() };
        proto.Holders.AddRange(roster.Holders.Select(holder => new Q.Holder { Seat = holder.Seat, Store = holder.Store.ToProto() }));
        return proto;
    }

    public static Roster? ToDomain(this Q.Roster? roster) => roster is null
        ? null
        : new Roster(roster.Ledger.ToGuid(), roster.Holders.Select(holder => new SeatHolder(holder.Seat, holder.Store.ToGuid())).ToEquatableArray());

    public static Q.Payload ToProto(this Payload payload) => new() { Serializer = payload.Serializer, Manifest = payload.Manifest, Content = payload.Bytes };

    public static Payload ToDomain(this Q.Payload? payload) => payload is null
        ? throw new FormatException("An entry without content.")
        : new Payload(payload.Serializer, payload.Manifest, payload.Content);

    public static void Add(this RepeatedField<Q.Entry> field, IEnumerable<LogEntry> entries) =>
        field.AddRange(entries.Select(entry => new Q.Entry { Seq = entry.Seq, Payload = entry.Payload.ToProto() }));

    public static EquatableArray<LogEntry> ToDomain(this RepeatedField<Q.Entry> entries) => entries.Select(ToDomain).ToEquatableArray();

    public static Q.Log ToProto(this LedgerLog log)
    {
        var proto = new Q.Log
        {
            Epoch = log.Epoch.ToProto(),
            Roster = log.Roster.ToProto(),
            Former = log.Former.ToProto(),
            BaseSeq = log.BaseSeq,
            Snapshot = log.Snapshot?.ToProto(),
        };
        proto.Entries.Add(log.Entries);
        return proto;
    }

    /// <exception cref="FormatException">The entries do not follow one another.</exception>
    public static LedgerLog ToDomain(this Q.Log? proto)
    {
        if (proto is null)
            throw new FormatException("A log is missing.");
        var log = new LedgerLog
        {
            Epoch = proto.Epoch.ToDomain(),
            Roster = proto.Roster.ToDomain(),
            Former = proto.Former.ToDomain(),
            BaseSeq = proto.BaseSeq,
            Snapshot = proto.Snapshot is null ? null : proto.Snapshot.ToDomain(),
            Entries = proto.Entries.Select(ToDomain).ToImmutableList(),
        };
        for (int i = 0; i < log.Entries.Count; i++)
        {
            if (log.Entries[i].Seq != log.BaseSeq + i + 1)
                throw new FormatException($"Entry {log.Entries[i].Seq} stands where {log.BaseSeq + i + 1} belongs.");
        }
        return log;
    }

    public static Q.Summary ToProto(this SeatSummary summary)
    {
        var proto = new Q.Summary
        {
            Store = summary.Store.ToProto(),
            LogEpoch = summary.LogEpoch.ToProto(),
            Roster = summary.Roster.ToProto(),
            Former = summary.Former.ToProto(),
            BaseSeq = summary.BaseSeq,
            LastSeq = summary.LastSeq,
            Lost = summary.Lost ?? "",
        };
        proto.Seeds.AddRange(summary.Seeds);
        return proto;
    }

    /// <exception cref="FormatException">Missing, or a log without a roster.</exception>
    public static SeatSummary ToDomain(this Q.Summary? proto)
    {
        if (proto is null)
            throw new FormatException("A summary is missing.");
        var summary = new SeatSummary(
            proto.Store.ToGuid(), proto.LogEpoch.ToDomain(), proto.Roster.ToDomain(), proto.Former.ToDomain(), proto.BaseSeq, proto.LastSeq, proto.Seeds.ToEquatableArray(),
            proto.Lost.Length > 0 ? proto.Lost : null);
        return summary.IsBlank || summary.Roster is not null ? summary : throw new FormatException("A log without a roster.");
    }

    public static Roster ToRoster(this Q.Roster? proto) => proto.ToDomain() ?? throw new FormatException("A roster is missing.");

    private static LogEntry ToDomain(Q.Entry entry) => new(entry.Seq, entry.Payload.ToDomain());
}
