namespace AkkaOverlay.Actors.SubnetAllocator;

/// <summary>When the allocator writes the whole ledger down: seldom enough to be cheap, often enough that the next one reads little.</summary>
/// <param name="fewestEvents">Between two snapshots; of a ledger with more leases than that, as many.</param>
internal sealed class SnapshotPolicy(int fewestEvents)
{
    public const int FewestEvents = 1000;

    private long last;
    private bool underWay;

    /// <summary>There is a snapshot of that revision.</summary>
    public void Saved(long revision)
    {
        last = revision;
        underWay = false;
    }

    /// <summary>Tried again after as many events as from a good one.</summary>
    public void Failed(long revision) => Saved(revision);

    public bool IsDue(long revision, int leases)
    {
        if (underWay || revision - last < Math.Max(fewestEvents, leases))
            return false;
        underWay = true;
        return true;
    }
}
