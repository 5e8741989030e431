using System.Collections.Immutable;
using System.Text.Json;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.Host;

/// <summary>The file ways.json: with <c>auto</c>, ways that did not get through.</summary>
internal sealed record SavedWays(string BootId, IReadOnlyList<SavedWays.Way> Avoided)
{
    public static readonly ImmutableDictionary<AvoidedWay, Avoidance> None = ImmutableDictionary<AvoidedWay, Avoidance>.Empty;

    public static ImmutableDictionary<AvoidedWay, Avoidance> Read(string text, string bootId)
    {
        try
        {
            return JsonSerializer.Deserialize<SavedWays>(text) is { Avoided: not null } saved && saved.BootId == bootId
                ? saved.Avoided.ToImmutableDictionary(way => new AvoidedWay(new NodeId(way.Peer), way.BackEnd), way => new Avoidance(way.Order, way.Why))
                : None;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or NullReferenceException)
        {
            return None;
        }
    }

    public static string Format(string bootId, ImmutableDictionary<AvoidedWay, Avoidance> avoided) => JsonSerializer.Serialize(new SavedWays(
        bootId, [.. avoided.OrderBy(item => item.Value.Order).Select(item => new Way(item.Key.Peer.Value, item.Key.BackEnd, item.Value.Order, item.Value.Why))]));

    internal sealed record Way(Guid Peer, string BackEnd, long Order, string Why);
}
