namespace AkkaOverlay.Simulation.Plan;

/// <summary>Mistakes that can be planted, to see that the checker sees them.</summary>
internal enum Bug
{
    None,

    /// <summary>An allocator answers once its own seat has the entry.</summary>
    OwnSeatOnly,

    /// <summary>A seat takes requests of writers that came before the one it promised.</summary>
    NoEpochCheck,

    /// <summary>A ledger is opened with the promise of one seat.</summary>
    MinorityRecovery,

    /// <summary>A seat that lost its disk counts at once.</summary>
    WipedSeatVotes,

    /// <summary>An installation that comes twice takes away what was appended since.</summary>
    RepeatedInstall,

    /// <summary>A roster is in office without the majority of the former one.</summary>
    RosterWithoutFormer,

    /// <summary>Answers without an event come from memory, without the fence.</summary>
    NoFence,

    /// <summary>A release ends whatever the owner holds, of whatever generation.</summary>
    ReleaseAnyGeneration,

    /// <summary>A renewal is answered with what the host says it holds, whoever owns it.</summary>
    RenewalWithoutComparison,

    /// <summary>One seat less than a majority is enough.</summary>
    QuorumMinusOne,

    /// <summary>A seat that gets the end of the log keeps what it had there.</summary>
    ExtendKeeps,

    /// <summary>A snapshot lacks one lease.</summary>
    SnapshotDropsLease,

    /// <summary>A claim whose lease is released while it waits at the fence is decided again, and granted.</summary>
    RegrantAfterRelease,

    /// <summary>A host that gives its lease back claims once more, for the network that it hears of only then.</summary>
    ClaimWhileReleasing,

    /// <summary>A clock that jumps takes the time from every lease's TTL.</summary>
    JumpedClockCounts,

    /// <summary>An allocator sees only whose claim it writes down.</summary>
    RenewalUnseen,

    /// <summary>A new allocator takes every quarantine that it finds for over.</summary>
    QuarantineForgotten,

    /// <summary>When the pool is dry, whoever was seen first loses its lease, be it a moment ago.</summary>
    ReclaimFromAnybody,
}
