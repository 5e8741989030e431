using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;
using EffectProto = AkkaOverlay.Actors.Wire.Proto.FieldChange.Types.Effect;
using ProgressProto = AkkaOverlay.Actors.Wire.Proto.NetworkReport.Types.Progress;

namespace AkkaOverlay.Actors.Wire;

/// <summary>Between what is said of the network's configuration and its classes of <c>leases.proto</c>.</summary>
internal static class NetworkMapping
{
    public static Proto.NetworkNote? ToProto(this NetworkNote? note)
    {
        if (note is null)
            return null;
        var proto = new Proto.NetworkNote();
        if (note.At is { } at)
            proto.AtMs = at.ToUnixTimeMilliseconds();
        if (note.Trial is { } trial)
            proto.TrialMs = (long)trial.TotalMilliseconds;
        if (note.TakenBack is { } reason)
            proto.TakenBack = reason;
        return proto;
    }

    public static NetworkNote? ToDomain(this Proto.NetworkNote? proto) => proto is null ? null : new NetworkNote(
        proto.HasAtMs ? At(proto.AtMs) : null,
        proto.HasTrialMs ? Time(proto.TrialMs) : null,
        proto.HasTakenBack ? proto.TakenBack : null);

    public static NetworkStanding ToStanding(this Proto.NetworkNote? proto, Proto.Network? former)
    {
        var note = proto.ToDomain();
        return note is null ? NetworkStanding.Plain : new NetworkStanding(note.At, note.Trial is { } length ? new NetworkTrial(former.ToDomain(), length) : null, note.TakenBack);
    }

    public static Proto.NetworkNote? ToProto(this NetworkStanding standing) =>
        standing == NetworkStanding.Plain ? null : new NetworkNote(standing.Since, standing.Trial?.Length, standing.TakenBack).ToProto();

    public static Proto.SetNetwork ToProto(LeaseProtocol.SetNetwork m) => new() { ComparedWith = m.ComparedWith, NetConf = NetConf.ToFlannelJson(m.Config), DryRun = m.DryRun };

    public static LeaseProtocol.SetNetwork ToDomain(Proto.SetNetwork p) => new(p.ComparedWith, NetConf.Parse(p.NetConf), p.DryRun);

    public static Proto.NetworkCompared ToProto(LeaseProtocol.NetworkCompared m)
    {
        var proto = new Proto.NetworkCompared { Version = m.Version, Written = m.Written, Hosts = (uint)m.Hosts };
        foreach (var change in m.Changes)
            proto.Changes.Add(new Proto.FieldChange { Field = change.Field, Before = change.Before, After = change.After, Effect = ToProto(change.Effect), Note = change.Note });
        return proto;
    }

    public static LeaseProtocol.NetworkCompared ToDomain(Proto.NetworkCompared p) => new(
        p.Version,
        p.Written,
        p.Changes.Select(change => new FieldChange(change.Field, change.Before, change.After, ToDomain(change.Effect), change.Note)).ToEquatableArray(),
        checked((int)p.Hosts));

    public static Proto.NetworkDescribed ToProto(LeaseProtocol.NetworkDescribed m)
    {
        var proto = new Proto.NetworkDescribed { Network = m.Network.ToProto(), Note = new NetworkNote(m.Since, m.TrialLeft, m.TakenBack).ToProto(), Hosts = (uint)m.Hosts };
        if (m.Applied is { } applied)
            proto.Applied = (uint)applied;
        proto.Waiting.AddRange(m.Waiting);
        return proto;
    }

    public static LeaseProtocol.NetworkDescribed ToDomain(Proto.NetworkDescribed p)
    {
        var note = p.Note.ToDomain();
        return new(p.Network.ToDomain(), note?.At, note?.Trial, note?.TakenBack, checked((int)p.Hosts), p.HasApplied ? checked((int)p.Applied) : null, p.Waiting.ToEquatableArray());
    }

    public static Proto.NetworkReport ToProto(LeaseProtocol.NetworkReport m) =>
        new() { Node = m.Node.ToProto(), Version = m.Version, Progress = ToProto(m.Progress), Detail = m.Detail, Objection = m.Objection ?? "", Question = m.Question };

    public static LeaseProtocol.NetworkReport ToDomain(Proto.NetworkReport p) => new(p.Node.ToNodeId(), p.Version, ToDomain(p.Progress), p.Detail, p.Objection.Length > 0 ? p.Objection : null, p.Question);

    private static EffectProto ToProto(ChangeEffect effect) => effect switch
    {
        ChangeEffect.Grants => EffectProto.Grants,
        ChangeEffect.InPlace => EffectProto.InPlace,
        ChangeEffect.Anew => EffectProto.Anew,
        _ => EffectProto.Unknown,
    };

    private static ChangeEffect ToDomain(EffectProto effect) => effect switch
    {
        EffectProto.Grants => ChangeEffect.Grants,
        EffectProto.InPlace => ChangeEffect.InPlace,
        EffectProto.Anew => ChangeEffect.Anew,
        _ => ChangeEffect.Unknown,
    };

    private static ProgressProto ToProto(NetworkProgress progress) => progress switch
    {
        NetworkProgress.Behind => ProgressProto.Behind,
        NetworkProgress.Applying => ProgressProto.Applying,
        NetworkProgress.Probing => ProgressProto.Probing,
        NetworkProgress.Failing => ProgressProto.Failing,
        NetworkProgress.Good => ProgressProto.Good,
        _ => ProgressProto.Unknown,
    };

    private static NetworkProgress ToDomain(ProgressProto progress) => progress switch
    {
        ProgressProto.Behind => NetworkProgress.Behind,
        ProgressProto.Applying => NetworkProgress.Applying,
        ProgressProto.Probing => NetworkProgress.Probing,
        ProgressProto.Failing => NetworkProgress.Failing,
        ProgressProto.Good => NetworkProgress.Good,
        _ => NetworkProgress.Unknown,
    };

    private static DateTimeOffset At(long milliseconds)
    {
        var (first, last) = (DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
        return milliseconds >= first && milliseconds <= last ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : throw new FormatException($"{milliseconds} ms is no moment.");
    }

    /// <summary>A day at most.</summary>
    private static TimeSpan Time(long milliseconds) =>
        milliseconds is >= 0 and <= 24L * 3600 * 1000 ? TimeSpan.FromMilliseconds(milliseconds) : throw new FormatException($"A trial of {milliseconds} ms cannot be.");
}
