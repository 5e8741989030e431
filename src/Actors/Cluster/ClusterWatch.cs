namespace AkkaOverlay.Actors.Cluster;

/// <summary>
/// Whether this host is in the right cluster, from what the seeds answer and from how much of the core its own cluster has. Pure: time comes in with each input.
/// </summary>
public sealed record ClusterWatch
{
    /// <summary>A core that this cluster still counts as a member may be late, and downing may be at work.</summary>
    public static readonly TimeSpan PatienceWithSilentCore = TimeSpan.FromSeconds(15);

    /// <summary>A core member of this very cluster that does not know this host: it is put out, but for the moment in which a newcomer's news spreads.</summary>
    public static readonly TimeSpan PatienceWithDenial = TimeSpan.FromSeconds(5);

    /// <summary>A core that has left this cluster will not come back to it.</summary>
    public static readonly TimeSpan PatienceWithoutCore = TimeSpan.FromSeconds(3);

    /// <summary>A core host whose cluster has too little of the core waits this long before it goes over to another.</summary>
    public static readonly TimeSpan PatienceOfIsland = TimeSpan.FromSeconds(30);

    /// <summary>A core host asks less often, and may have missed an answer.</summary>
    public static readonly TimeSpan PatienceOfDeniedCore = TimeSpan.FromSeconds(10);

    private ClusterWatch(bool isCore, int quorum, string self, TimeSpan now)
    {
        IsCore = isCore;
        Quorum = quorum;
        Self = self;
        LastWord = now;
    }

    public bool IsCore { get; }

    public int Quorum { get; }

    public string Self { get; }

    /// <summary>When a core member last said that it knows this host.</summary>
    public TimeSpan LastWord { get; private init; }

    /// <summary>How much of the core this host's own cluster has.</summary>
    public int CoreHere { get; private init; }

    private TimeSpan? ThinSince { get; init; }

    private TimeSpan? DeniedSince { get; init; }

    public static ClusterWatch Begin(bool isCore, int quorum, string self, TimeSpan now) => new(isCore, quorum, self, now);

    /// <param name="core">Core members of this host's cluster that are reached, itself counted where it is one.</param>
    public ClusterWatch Counted(int core, TimeSpan now) => this with { CoreHere = core, ThinSince = core >= Quorum ? null : ThinSince ?? now };

    /// <summary>A seed has answered.</summary>
    /// <param name="ofMine">The answerer is, in this host's eyes, a member of its own cluster.</param>
    /// <returns>A reason to leave this cluster for that one, or null.</returns>
    public (ClusterWatch Next, string? Leave) Heard(NodeProtocol.IAm answer, bool ofMine, TimeSpan now)
    {
        if (!answer.Up)
            return (this, null);
        if (answer.KnowsYou)
            return (this with { LastWord = now, DeniedSince = null }, null);
        var next = ofMine ? this with { DeniedSince = DeniedSince ?? now } : this;
        return (next, IsCore ? next.CoreLeaves(answer, now) : next.PlainLeaves(ofMine, now));
    }

    /// <summary>Whether all seeds are worth asking, not one now and then.</summary>
    public bool InDoubt(TimeSpan now) => IsCore || CoreHere == 0 || now - LastWord >= TimeSpan.FromSeconds(8);

    private string? PlainLeaves(bool ofMine, TimeSpan now)
    {
        var patience = CoreHere == 0 ? PatienceWithoutCore : ofMine ? PatienceWithDenial : PatienceWithSilentCore;
        return now - LastWord < patience ? null
            : ofMine ? "this host was put out of it"
            : "its core is in another one";
    }

    private string? CoreLeaves(NodeProtocol.IAm answer, TimeSpan now)
    {
        if (DeniedSince is { } denied && now - denied >= PatienceOfDeniedCore)
            return "this host was put out of it";
        // Of two islands alike, one must go: the one with the higher address.
        bool better = answer.CoreMembers > CoreHere || (answer.CoreMembers == CoreHere && string.CompareOrdinal(answer.Address, Self) < 0);
        return ThinSince is { } thin && now - thin >= PatienceOfIsland && better ? "it is without the majority of the core, which is in another one" : null;
    }
}
