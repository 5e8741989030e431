using System.Globalization;

namespace AkkaOverlay.Chaos.Schedule;

public enum ActKind
{
    /// <summary>SIGKILL, and started again.</summary>
    Kill,

    /// <summary>SIGSTOP for less than the 3 s that nobody may be put out for.</summary>
    PauseShort,

    /// <summary>SIGSTOP for longer than that.</summary>
    PauseLong,

    /// <summary>SIGTERM, and started again.</summary>
    Stop,

    /// <summary>Control traffic between hosts is dropped, both ways.</summary>
    Cut,

    /// <summary>Control traffic is dropped in one direction.</summary>
    CutOneWay,

    /// <summary>Cut and joined again, once in a second or a few.</summary>
    Flap,

    /// <summary>Every process gets SIGKILL at once, and is started again in some order.</summary>
    PowerLoss,

    /// <summary>A host's state directory has no free block.</summary>
    DiskFull,

    /// <summary>A host of the core loses its copy of the ledger while it is down.</summary>
    DiskLost,
}

/// <summary>One thing that goes wrong.</summary>
/// <param name="At">Seconds since the schedule began.</param>
/// <param name="Seconds">Until it is undone.</param>
/// <param name="Hosts">Indexes of those it happens to, from 1; for <see cref="ActKind.PowerLoss"/> in the order of their return.</param>
/// <param name="Cuts">Whose control traffic no longer reaches whom.</param>
/// <param name="Period">Of <see cref="ActKind.Flap"/>: seconds that it is cut, and then not.</param>
public sealed record Act(double At, ActKind Kind, double Seconds, IReadOnlyList<int> Hosts, IReadOnlyList<(int From, int To)> Cuts, double Period = 0)
{
    /// <param name="core">How many hosts are the core: the first of all.</param>
    /// <returns>Those it happens to; of a cut, those that it cuts off from a host of the core, where the allocator is.</returns>
    public IReadOnlyList<int> Touched(int core) => Cuts.Count == 0
        ? Hosts
        : [.. Cuts.Where(cut => cut.From <= core).Select(cut => cut.To).Concat(Cuts.Where(cut => cut.To <= core).Select(cut => cut.From)).Distinct().Order()];

    public override string ToString()
    {
        string what = Cuts.Count == 0
            ? string.Join(", ", Hosts.Select(host => $"h{host}"))
            : string.Join(", ", Cuts.GroupBy(cut => cut.From).Select(from => $"h{from.Key}>{string.Join("", from.Select(cut => cut.To))}"));
        return string.Create(CultureInfo.InvariantCulture, $"{Kind} {what} for {Seconds:0.0} s{(Period > 0 ? $", every {Period:0.0} s" : "")}");
    }
}
