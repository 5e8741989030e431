using AkkaOverlay.Chaos.History;

namespace AkkaOverlay.Chaos.Check;

/// <summary>
/// Reads a history and says which promises it breaks. Pure, and it knows nothing of the product but what every user sees.
/// <list type="table">
/// <item><term>one owner</term><description>in one view of the ledger no two leases overlap, no host has two, no two have one generation</description></item>
/// <item><term>one ledger</term><description>views of one revision are the same, on every host and at any time</description></item>
/// <item><term>nothing lost</term><description>a lease that anybody ever saw is in every later view, until its owner was told to release it</description></item>
/// <item><term>no way back</term><description>what a host hears live never goes back to an earlier revision</description></item>
/// <item><term>no overlap</term><description>no two hosts hold overlapping subnets at the same time</description></item>
/// <item><term>same subnet</term><description>a host keeps subnet and generation, in what it says and in subnet.env, until it was told to release them</description></item>
/// <item><term>routes stay</term><description>the kernel of a steady host always has routes to all steady hosts, and never one to what nobody ever held, or to its own subnet</description></item>
/// <item><term>nothing lost on the way</term><description>every ping is answered</description></item>
/// <item><term>ends in time</term><description>a process that was asked to end does, with status 0, within 12 s, and not because its own deadline forced it; one that was told to leave may end with status 3, but only after half a minute</description></item>
/// <item><term>leaves</term><description>and only where nothing says that an allocator could be reached in the last 15 s of that: its own feed went on, or, with nothing cut, others' did</description></item>
/// <item><term>gone is gone</term><description>a host that has left has no lease until it is started again; in the end the leases are those of the hosts</description></item>
/// <item><term>stays up</term><description>no process ends that nobody asked to</description></item>
/// <item><term>heals</term><description>in the end all are ready, members of one cluster, with one view and the routes that follow from it</description></item>
/// <item><term>seen at all</term><description>every host was seen, leases were granted, pings were sent: a history of nothing proves nothing</description></item>
/// </list>
/// </summary>
public static class HistoryChecker
{
    public static IReadOnlyList<Violation> Check(IReadOnlyList<Observation> history)
    {
        var releases = new Releases(history);
        return
        [
            .. LedgerRules.Check(history, releases)
                .Concat(HolderRules.Check(history, releases))
                .Concat(KernelRules.Check(history))
                .Concat(LeaveRules.Check(history))
                .Concat(EndRules.Check(history))
                .OrderBy(violation => violation.At),
        ];
    }
}
