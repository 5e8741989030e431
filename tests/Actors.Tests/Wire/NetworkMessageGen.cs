using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.Tests.Network;
using AkkaOverlay.Actors.Wire;
using CsCheck;

namespace AkkaOverlay.Actors.Tests.Wire;

/// <summary>Random messages about the network's configuration.</summary>
internal static class NetworkMessageGen
{
    private static readonly Gen<DateTimeOffset?> At = Gen.Long[0, 4_000_000_000_000].Select(DateTimeOffset.FromUnixTimeMilliseconds).Nullable();

    private static readonly Gen<TimeSpan?> Time = Gen.Long[0, 86_400_000].Select(milliseconds => TimeSpan.FromMilliseconds(milliseconds)).Nullable();

    private static readonly Gen<EquatableArray<string>> Texts = Gen.String.Array[0, 5].Select(texts => texts.ToEquatableArray());

    private static readonly Gen<FieldChange> Change = Gen.Select(Gen.String, Gen.String, Gen.String, Gen.Enum<ChangeEffect>(), Gen.String)
        .Select((field, before, after, effect, note) => new FieldChange(field, before, after, effect, note));

    public static readonly Gen<NetworkNote> Note = Gen.Select(At, Time, Gen.String.Null()).Select((at, trial, reason) => new NetworkNote(at, trial, reason));

    public static readonly Gen<NetworkStanding> Standing = Gen.Select(At, Gen.Select(MessageGen.Network, Gen.Long[0, 86_400_000]).Nullable(), Gen.String.Null())
        .Select((at, trial, reason) => new NetworkStanding(at, trial is { } on ? new NetworkTrial(on.Item1, TimeSpan.FromMilliseconds(on.Item2)) : null, reason));

    public static readonly Gen<IOverlayMessage>[] ByType =
    [
        Of(Gen.Select(Gen.Long, NetworkConfigGen.Any, Gen.Bool).Select((compared, config, dryRun) => new LeaseProtocol.SetNetwork(compared, config, dryRun))),
        Of(Gen.Select(Gen.Long, Gen.Bool, Change.Array[0, 4], Gen.Int.NonNegative).Select((version, written, changes, hosts) =>
            new LeaseProtocol.NetworkCompared(version, written, changes.ToEquatableArray(), hosts))),
        Of(Gen.Const(new LeaseProtocol.DescribeNetwork())),
        Of(Gen.Select(Gen.Select(MessageGen.Network, At, Time), Gen.Select(Gen.String.Null(), Gen.Int.NonNegative, Gen.Int.NonNegative.Nullable()), Texts).Select((what, how, waiting) =>
            new LeaseProtocol.NetworkDescribed(what.Item1, what.Item2, what.Item3, how.Item1, how.Item2, how.Item3, waiting))),
        Of(Gen.Select(Gen.Long, NetworkConfigGen.Any.Null(), Gen.Long).Select((version, next, question) => new LeaseProtocol.ReportNetwork(version, next, question))),
        Of(Gen.Select(MessageGen.Node, Gen.Long, Gen.Enum<NetworkProgress>(), Gen.String, Gen.String, Gen.Long).Select((node, version, progress, detail, objection, question) =>
            new LeaseProtocol.NetworkReport(node, version, progress, detail, objection.Length > 0 ? objection : null, question))),
    ];

    private static Gen<IOverlayMessage> Of<T>(Gen<T> gen) where T : IOverlayMessage => gen.Select(message => (IOverlayMessage)message);
}
