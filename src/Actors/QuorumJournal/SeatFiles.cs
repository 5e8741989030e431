using AkkaOverlay.Actors.Cluster;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>What a host knows of its seat beside the seat's own file.</summary>
/// <param name="Mark">Which ledger this host has, or had.</param>
/// <param name="SetAside">Damaged copies of the seat that are kept.</param>
/// <param name="Brought">The ledger of a core of one, which is to become the quorum's; mostly null.</param>
public sealed record SeatFiles(LedgerMarkFile Mark, EquatableArray<string> SetAside, SingleLedger? Brought)
{
    /// <summary>This host has a copy of this ledger.</summary>
    /// <exception cref="IOException">That cannot be written down.</exception>
    public void Keep(Guid ledger) => Mark.Keep(new LedgerIdentity(LedgerIdentity.Quorum, ledger));

    /// <summary>Why a blank copy is not a new one; null where it is.</summary>
    public string? WhyBlank() => Mark.Current is null ? null : SetAside.Count > 0 ? $"damaged, kept as {string.Join(", ", SetAside)}" : "its file is gone";
}
