namespace AkkaOverlay.Actors.Network;

/// <summary>What a changed field costs on a running host. Ascending.</summary>
public enum ChangeEffect
{
    /// <summary>One that only a newer release knows.</summary>
    Unknown,

    /// <summary>Which subnets are given out from now on; no host changes anything.</summary>
    Grants,

    /// <summary>Changed where it stands; no packet is lost.</summary>
    InPlace,

    /// <summary>A device, a socket or the packets' way is another one, on each host when it hears of it: packets between two hosts are lost until both have it.</summary>
    Anew,
}

/// <summary>A field of net-conf.json whose value is another one.</summary>
/// <param name="Field">Its path, such as <c>Backend.MTU</c>.</param>
/// <param name="Before">For a person.</param>
/// <param name="After">For a person.</param>
/// <param name="Note">What an operator should know besides; empty for nothing.</param>
public sealed record FieldChange(string Field, string Before, string After, ChangeEffect Effect, string Note = "")
{
    public override string ToString() => $"{Field} {Before} -> {After}";
}
