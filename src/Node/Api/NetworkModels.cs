using System.Text.Json;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Node.Api;

/// <summary>The network's configuration in the ledger.</summary>
/// <param name="Version">Counts the configurations from 1: whoever wants to set another says which one she saw.</param>
/// <param name="State">"in use" or "on trial".</param>
/// <param name="Config">Every default included, secrets hidden.</param>
/// <param name="Since">By the clock of the host that stored it; null from the founding, and from an earlier release.</param>
/// <param name="TakenBack">Why the version before was taken back; null where it was not.</param>
/// <param name="Hosts">How many hold a lease; null where the allocator did not say.</param>
/// <param name="Applied">How many of them have said that they have it and that packets pass; null where nobody was asked.</param>
/// <param name="Waiting">Those that have not, the first ones, and what is known of each.</param>
public sealed record NetworkModel(
    long Version, string State, JsonElement Config, DateTimeOffset? Since, double? TrialLeftSeconds, string? TakenBack, int? Hosts, int? Applied, IReadOnlyList<string> Waiting)
{
    /// <summary>What the reader should know of where this comes from.</summary>
    public string? Note { get; init; }
}

/// <param name="Effect">"grants", "in place" or "anew".</param>
public sealed record FieldChangeModel(string Field, string Before, string After, string Effect, string Note);

/// <param name="Version">The ledger's, after what was done.</param>
/// <param name="Stored">It is the new one, and on trial.</param>
/// <param name="Hosts">How many it concerns.</param>
/// <param name="Warnings">What has no effect.</param>
public sealed record NetworkChangeModel(long Version, bool Stored, IReadOnlyList<FieldChangeModel> Changes, int Hosts, IReadOnlyList<string> Warnings)
{
    internal static FieldChangeModel ToModel(FieldChange change) => new(change.Field, change.Before, change.After, TextOf(change.Effect), change.Note);

    private static string TextOf(ChangeEffect effect) => effect switch
    {
        ChangeEffect.Grants => "grants",
        ChangeEffect.InPlace => "in place",
        ChangeEffect.Anew => "anew",
        _ => "unknown",
    };
}

/// <summary>What <c>network set</c> prints with --json; no path of the API gives it.</summary>
/// <param name="Result">"unchanged", "dry run", "kept", "taken back" or "on trial" where nobody waited for its end.</param>
public sealed record NetworkSetModel(string Result, NetworkChangeModel Change, NetworkModel? Network);
