using System.Collections.Immutable;
using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.SubnetAllocator;

/// <summary>What becomes of a configuration on trial.</summary>
/// <param name="TakeBack">Why it must be taken back; null where it need not.</param>
internal readonly record struct NetworkVerdict(bool Keep, string? TakeBack)
{
    public static readonly NetworkVerdict Wait = new(false, null);
}

/// <summary>
/// Judges one version of the configuration by what the hosts say of it. Kept as soon as every host that has to is content, and one is at least; taken back as soon as
/// one says that it fails, and where one is not content, or nobody has said so, when its time is over. The pure part: the allocator asks, and hands over what it hears; time comes in from any beginning.
/// </summary>
/// <param name="began">When the version was stored, or when this allocator found it on trial.</param>
/// <param name="expected">Hosts that answered before it was stored: they must be content with it. Null where this allocator has not asked before: then those that are heard.</param>
internal sealed class NetworkJudge(long version, TimeSpan length, TimeSpan began, IReadOnlyCollection<NodeId>? expected)
{
    /// <summary>A kernel that refuses something does so at once; one that is busy takes a while.</summary>
    public static readonly TimeSpan ApplyWithin = TimeSpan.FromSeconds(10);

    /// <summary>A feed's heartbeat and some: by then every host that lives follows an allocator that has just begun.</summary>
    public static readonly TimeSpan Settled = TimeSpan.FromSeconds(8);

    /// <summary>Hosts named in one line; the others are counted.</summary>
    public const int MostNamed = 20;

    private readonly Dictionary<NodeId, LeaseProtocol.NetworkReport> reports = [];
    private readonly HashSet<NodeId> mustAgree = [.. expected ?? []];

    public long Version => version;

    public int Applied => reports.Values.Count(report => report.Progress == NetworkProgress.Good);

    public void Take(LeaseProtocol.NetworkReport report)
    {
        if (report.Version != version || report.Progress == NetworkProgress.Unknown)
            return;
        reports[report.Node] = report with { Detail = PlainText.Of(report.Detail) };
        mustAgree.Add(report.Node);
    }

    public TimeSpan Left(TimeSpan now) => began + length > now ? began + length - now : TimeSpan.Zero;

    /// <param name="leases">One whose lease is over need not agree any more.</param>
    public NetworkVerdict Look(TimeSpan now, ImmutableDictionary<NodeId, Lease> leases)
    {
        var waiting = mustAgree.Where(leases.ContainsKey).Where(node => !IsGood(node)).ToList();
        foreach (var node in waiting)
        {
            if (reports.GetValueOrDefault(node) is not { } report)
                continue;
            if (report.Progress == NetworkProgress.Failing || (report.Progress == NetworkProgress.Applying && now - began >= ApplyWithin))
                return new NetworkVerdict(false, Describe(node, leases[node]));
        }
        // That nobody complains proves nothing where nobody has spoken.
        bool isConfirmed = Applied > 0 || leases.IsEmpty;
        if (waiting.Count == 0 && isConfirmed && (expected is { Count: > 0 } || now - began >= Settled))
            return new NetworkVerdict(true, null);
        return Left(now) > TimeSpan.Zero ? NetworkVerdict.Wait
            : waiting.Count == 0 ? new NetworkVerdict(false, $"no host has confirmed it within {length.TotalSeconds:0} s")
            : new NetworkVerdict(false, $"it could not be confirmed within {length.TotalSeconds:0} s: {string.Join("; ", Named(waiting.Select(node => Describe(node, leases[node]))))}");
    }

    /// <summary>Who has not said that all is well, and what is known of each.</summary>
    public EquatableArray<string> Waiting(ImmutableDictionary<NodeId, Lease> leases) =>
        Named(leases.Values.Where(lease => !IsGood(lease.Owner)).OrderBy(lease => lease.NodeName, StringComparer.Ordinal).Select(lease => Describe(lease.Owner, lease))).ToEquatableArray();

    private bool IsGood(NodeId node) => reports.GetValueOrDefault(node) is { Progress: NetworkProgress.Good };

    private string Describe(NodeId node, Lease lease) => reports.GetValueOrDefault(node) switch
    {
        null => $"{lease.NodeName} does not answer",
        { Progress: NetworkProgress.Behind } => $"{lease.NodeName} has an earlier version still",
        var report => $"{lease.NodeName}: {report.Detail}",
    };

    private static IEnumerable<string> Named(IEnumerable<string> all)
    {
        var list = all.ToList();
        return list.Count <= MostNamed ? list : list.Take(MostNamed).Append($"and {list.Count - MostNamed} more");
    }
}
