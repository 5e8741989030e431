namespace AkkaOverlay.Node.Doctor;

/// <summary>One thing of a host that can spoil the overlay. Pure: it judges facts that were gathered before.</summary>
internal interface ICheck
{
    /// <summary>Short, for people and for scripts; unique.</summary>
    string Name { get; }

    /// <summary>Numbers in docs/doctor.md; none where the trap is on no list.</summary>
    IReadOnlyList<int> Traps { get; }

    /// <summary>What it looks at, for docs/doctor.md.</summary>
    string LooksAt { get; }

    /// <returns>Nothing where all is well.</returns>
    IEnumerable<Finding> Look(DoctorFacts facts);
}
