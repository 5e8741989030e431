using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Actors.Drain;

/// <summary>What a host that was told to leave does next.</summary>
public enum DrainStep
{
    Wait,

    /// <summary>No container is left.</summary>
    Leave,

    /// <summary>Some are, and the time is over.</summary>
    LeaveAnyway,
}

/// <summary>A wait for the containers of this host, at most until the limit. Looks are a second apart; two without a container end it, for one that is restarted is away for a moment.</summary>
/// <param name="Limit">From the beginning.</param>
public sealed record DrainWait(TimeSpan Limit)
{
    private const int EmptyLooksWanted = 2;

    /// <summary>Named in <see cref="Describe"/>; the rest is counted.</summary>
    private const int MostNames = 4;

    /// <summary>What is left; null where the kernel has not been seen.</summary>
    public EquatableArray<Attachment>? Left { get; init; }

    public int EmptyLooks { get; init; }

    /// <param name="left">Null where the kernel could not be asked: that is no sign that they are gone.</param>
    public DrainWait Looked(IReadOnlyList<Attachment>? left) =>
        this with { Left = left?.ToEquatableArray() ?? Left, EmptyLooks = left is { Count: 0 } ? EmptyLooks + 1 : 0 };

    /// <summary>Never later than was said before.</summary>
    /// <param name="limit">From now.</param>
    /// <param name="waited">Since the beginning.</param>
    public DrainWait Shortened(TimeSpan limit, TimeSpan waited) => limit < Limit - waited ? this with { Limit = waited + limit } : this;

    /// <param name="waited">Since the beginning.</param>
    public DrainStep Next(TimeSpan waited) => EmptyLooks >= EmptyLooksWanted ? DrainStep.Leave : waited >= Limit ? DrainStep.LeaveAnyway : DrainStep.Wait;

    /// <summary>For an operator: what is waited for, and how long at most.</summary>
    public string Describe(TimeSpan waited) => $"{Containers()}, waits {DurationText.Of(Limit > waited ? Limit - waited : TimeSpan.Zero)} at most";

    /// <summary>Such as "2 containers (veth1 at docker0, veth2 at docker0)".</summary>
    public string Containers() => Left switch
    {
        null => "containers that were not seen yet",
        { Count: 0 } => "no container left",
        { Count: 1 } one => $"1 container ({one[0]})",
        { } some => $"{some.Count} containers ({string.Join(", ", some.Take(MostNames))}{(some.Count > MostNames ? $" and {some.Count - MostNames} more" : "")})",
    };
}
