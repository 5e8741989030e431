namespace AkkaOverlay.Simulation.Plan;

/// <summary>How many disks of the core are lost when all that goes wrong has gone wrong.</summary>
internal enum Loss
{
    /// <summary>None: everything must be well in the end.</summary>
    None,

    /// <summary>A majority of those that count: the ledger must stay closed.</summary>
    Majority,

    /// <summary>All copies; the hosts remember that there was one. The ledger must stay closed.</summary>
    All,

    /// <summary>
    /// All, and the operator says that a new ledger may begin: one must. Everything is demanded of it as of any other, and in the end every host has a lease of
    /// it. That they are those of before is not: this is counted.
    /// </summary>
    AllAndTold,
}
