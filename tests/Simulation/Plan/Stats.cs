namespace AkkaOverlay.Simulation.Plan;

/// <summary>What happened in a run, or in many.</summary>
internal sealed class Stats
{
    /// <summary>Answers that a host heard: it has a lease.</summary>
    public long Grants { get; set; }

    public long Releases { get; set; }

    public long Refusals { get; set; }

    /// <summary>Leases whose owner was not heard for too long.</summary>
    public long Expiries { get; set; }

    /// <summary>Of these, to make room in a dry pool.</summary>
    public long Reclaims { get; set; }

    /// <summary>Hosts that gave their lease back and never came again.</summary>
    public long Departures { get; set; }

    /// <summary>Hosts that never came again, and had not told anybody.</summary>
    public long Deaths { get; set; }

    /// <summary>Ledgers that were founded anew after all disks were lost.</summary>
    public long FoundedAnew { get; set; }

    /// <summary>Hosts that have another subnet in such a ledger than before.</summary>
    public long SubnetsLost { get; set; }

    /// <summary>Entries of the ledger acknowledged.</summary>
    public long Events { get; set; }

    public long Crashes { get; set; }

    public long Wipes { get; set; }

    public long Pauses { get; set; }

    public long Partitions { get; set; }

    public long ClockJumps { get; set; }

    public long RosterChanges { get; set; }

    public long Openings { get; set; }

    public long Failures { get; set; }

    public long Fencings { get; set; }

    public long Snapshots { get; set; }

    public long PieceBytes { get; set; }

    public long Pieces { get; set; }

    public TimeSpan VirtualTime { get; set; }

    /// <summary>Longest time that hosts and seats took to be well again.</summary>
    public TimeSpan LongestRecovery { get; set; }

    public long Operations => Grants + Releases;

    public void Add(Stats other)
    {
        Grants += other.Grants;
        Releases += other.Releases;
        Refusals += other.Refusals;
        Expiries += other.Expiries;
        Reclaims += other.Reclaims;
        Departures += other.Departures;
        Deaths += other.Deaths;
        FoundedAnew += other.FoundedAnew;
        SubnetsLost += other.SubnetsLost;
        Events += other.Events;
        Crashes += other.Crashes;
        Wipes += other.Wipes;
        Pauses += other.Pauses;
        Partitions += other.Partitions;
        ClockJumps += other.ClockJumps;
        RosterChanges += other.RosterChanges;
        Openings += other.Openings;
        Failures += other.Failures;
        Fencings += other.Fencings;
        Snapshots += other.Snapshots;
        PieceBytes += other.PieceBytes;
        Pieces += other.Pieces;
        VirtualTime += other.VirtualTime;
        LongestRecovery = LongestRecovery > other.LongestRecovery ? LongestRecovery : other.LongestRecovery;
    }

    public override string ToString() =>
        $"{Operations} operations acknowledged ({Events} entries, {Releases} releases, {Expiries} expiries, of them {Reclaims} from a dry pool), {Refusals} refusals, {Departures} hosts left for good, {Deaths} died, {Crashes} crashes, {Wipes} wipes, {Pauses} pauses, {Partitions} partitions, "
        + $"{ClockJumps} clock jumps, {RosterChanges} roster changes, {Openings} openings, {Failures} failures of a writer, of them {Fencings} fencings, {Snapshots} snapshots, "
        + $"{PieceBytes / 1024} KiB in {Pieces} pieces, {VirtualTime.TotalHours:F1} h of virtual time, well again after {LongestRecovery.TotalSeconds:F1} s at most"
        + (FoundedAnew == 0 ? "" : $", {FoundedAnew} ledgers founded anew, in which {SubnetsLost} hosts have another subnet than before");
}
