using System.Collections.Immutable;
using AkkaOverlay.Actors.Metrics;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Reconcile;

/// <summary>
/// One comparison of wanted and actual: collects changes with the object that each one serves, sends them, and remembers what failed.
/// </summary>
/// <param name="suspect">
/// Who may have taken an object of ours away, for the operator; null where nobody did, so that it is no fight: a link that flaps takes its routes along.
/// </param>
public sealed class Pass(IRtnetlink kernel, RetryTable retries, ContentionWatch contention, Func<object, string?> suspect)
{
    private readonly List<(object Key, RtnetlinkChange Change)> changes = [];
    private readonly HashSet<object> keys = [];
    private readonly HashSet<object> put = [];
    private readonly HashSet<object> repairing = [];
    private readonly HashSet<(object Key, string Kind)> repaired = [];
    private readonly ImmutableArray<string>.Builder newErrors = ImmutableArray.CreateBuilder<string>();

    /// <summary>Changes that the kernel made.</summary>
    public int Written { get; private set; }

    /// <summary>Failures to tell the operator of: new ones, and old ones with a new reason.</summary>
    public ImmutableArray<string> NewErrors => newErrors.ToImmutable();

    /// <param name="key">The wanted object, or the stale one; equal keys share their retries.</param>
    /// <returns>False where the object failed lately and must wait.</returns>
    public bool Add(object key, RtnetlinkChange change)
    {
        keys.Add(key);
        if (retries.MustWait(key))
            return false;
        changes.Add((key, change));
        return true;
    }

    /// <summary>The object is there as wanted.</summary>
    public void InPlace(object key)
    {
        retries.Succeeded(key);
        contention.InPlace(key);
    }

    /// <summary>Forgets what is known of objects that nobody wants any more, and that this comparison did not concern.</summary>
    public void Keep(Func<object, bool> wanted)
    {
        retries.Keep(key => wanted(key) || keys.Contains(key));
        contention.Keep(wanted);
    }

    /// <summary>A change that was made by another socket than the routing side's.</summary>
    /// <param name="isPut">False where it took something away.</param>
    public void Made(object key, string kind, bool isPut)
    {
        Written++;
        OverlayMeter.KernelWrote(kind);
        retries.Succeeded(key);
        if (isPut)
            Count(key, kind);
    }

    /// <summary>A change that another socket than the routing side's could not make.</summary>
    public void Refused(object key, string kind, NetlinkError error)
    {
        OverlayMeter.KernelRefused(kind);
        Fail(key, error);
    }

    public void Fail(object key, NetlinkError error)
    {
        if (retries.Failed(key, error))
            newErrors.Add(error.Text);
    }

    /// <summary>Sends what was collected.</summary>
    /// <returns>The changes that were made.</returns>
    public List<RtnetlinkChange> Send()
    {
        var done = new List<RtnetlinkChange>(changes.Count);
        if (changes.Count == 0)
            return done;
        var results = kernel.Apply(changes.ConvertAll(item => item.Change));
        for (int i = 0; i < changes.Count; i++)
        {
            var (key, change) = changes[i];
            string kind = OverlayMeter.KindOf(change);
            if (results[i] is { } error && !IsAsWanted(change, error))
            {
                OverlayMeter.KernelRefused(kind);
                Fail(key, error);
                continue;
            }
            if (results[i] is null)
            {
                Written++;
                OverlayMeter.KernelWrote(kind);
            }
            retries.Succeeded(key);
            if (IsPut(change))
                Count(key, kind);
            done.Add(change);
        }
        changes.Clear();
        return done;
    }

    /// <summary>What was in place and had to be put again is a repair; of an object that takes several changes, each kind counts once.</summary>
    private void Count(object key, string kind)
    {
        bool first = put.Add(key);
        if (first && contention.WasInPlace(key))
            repairing.Add(key);
        if (repairing.Contains(key) && repaired.Add((key, kind)))
            OverlayMeter.Repaired(kind);
        if (!first)
            return;
        string? other = suspect(key);
        if (contention.Put(key, counts: other is not null) is not { } times)
            return;
        var error = new NetlinkError(0, $"contended: {key} was put right {times} times within a minute; the other is {other}");
        if (retries.Contended(key, error))
            newErrors.Add(error.Text);
    }

    private static bool IsPut(RtnetlinkChange change) => change is not (RtnetlinkChange.DeleteRoute or RtnetlinkChange.DeleteNeighbour
        or RtnetlinkChange.DeleteFdb or RtnetlinkChange.DeleteLink or RtnetlinkChange.DeleteAddress or RtnetlinkChange.DeleteRule or RtnetlinkChange.DeleteNexthop);

    /// <summary>What shall go is gone already: between our dump and our request somebody else was faster.</summary>
    private static bool IsAsWanted(RtnetlinkChange change, NetlinkError error) => change switch
    {
        RtnetlinkChange.DeleteRoute => error.Errno == ESRCH,
        RtnetlinkChange.DeleteNeighbour or RtnetlinkChange.DeleteFdb or RtnetlinkChange.DeleteRule or RtnetlinkChange.DeleteNexthop => error.Errno == ENOENT,
        RtnetlinkChange.DeleteLink => error.Errno == ENODEV,
        RtnetlinkChange.DeleteAddress => error.Errno == EADDRNOTAVAIL,
        _ => false,
    };

    // asm-generic/errno-base.h and errno.h
    private const int ENOENT = 2;
    private const int ESRCH = 3;
    private const int ENODEV = 19;
    private const int EADDRNOTAVAIL = 99;
}
