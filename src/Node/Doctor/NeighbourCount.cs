using System.Globalization;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Node.Doctor;

/// <summary>
/// How full the kernel's neighbour table of one IP version is. IPv4 and IPv6 have a table and a limit each, and all network namespaces share them (arp(7), gc_thresh3; net/core/neighbour.c).
/// </summary>
/// <param name="Collected">In this namespace, those that the garbage collector may take.</param>
/// <param name="Exempt">In this namespace, permanent ones and those that a program learned, as ours are: since Linux 5.0 they do not count against the limit.</param>
/// <param name="Everywhere">Entries of all namespaces; null where the kernel does not show it, as to every namespace but the first.</param>
internal readonly record struct NeighbourCount(long Collected, long Exempt, long? Everywhere)
{
    private static readonly Version ExemptionSince = new(5, 0);

    /// <param name="statistics">/proc/net/stat/arp_cache or ndisc_cache; null where it is not there.</param>
    public static NeighbourCount Of(IEnumerable<Neighbour> entries, string? statistics)
    {
        var byExemption = entries.ToLookup(entry => (entry.State & NeighbourState.Permanent) != 0 || (entry.Flags & NeighbourFlags.ExternallyLearned) != 0);
        return new NeighbourCount(byExemption[false].Count(), byExemption[true].Count(), EntriesIn(statistics));
    }

    /// <summary>What counts against the limit, as far as it can be seen: another namespace's permanent entries are taken for ones that count.</summary>
    public long Counted(Version kernel) => kernel < ExemptionSince
        ? Math.Max(Collected + Exempt, Everywhere ?? 0)
        : Math.Max(Collected, (Everywhere ?? 0) - Exempt);

    /// <summary>A line of names, and one for each processor that begins with the table's count, hexadecimal.</summary>
    private static long? EntriesIn(string? statistics)
    {
        string? first = statistics?.Split('\n').Skip(1).FirstOrDefault()?.Split(' ')[0];
        return long.TryParse(first, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long entries) ? entries : null;
    }
}
