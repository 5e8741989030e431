using System.Collections.Immutable;
using AkkaOverlay.Actors.Plan;

namespace AkkaOverlay.Actors.Host;

/// <summary>
/// What waits for the packet filter: the way to a peer until the guard lets its packets through, and subnet.env until masquerading is in place, for whoever
/// reads there that we masquerade leaves it to us.
/// </summary>
/// <param name="exists">This host has a packet filter: without one nothing waits.</param>
/// <param name="ipMasq">Masquerading was asked for.</param>
internal sealed class FirewallGate(bool exists, bool ipMasq)
{
    private HostProtocol.FirewallReport? report;
    private ImmutableHashSet<NextHop> guarded = [];
    private bool masqueraded;

    /// <returns>True where <see cref="Through"/> may let other next hops through than before.</returns>
    public bool Take(HostProtocol.FirewallReport news)
    {
        bool another = report is null || !ReferenceEquals(report.PlanSeen, news.PlanSeen);
        report = news;
        if (!another)
            return false;
        var hops = news.PlanSeen.Routes.Select(route => route.Hop).ToImmutableHashSet();
        bool changed = guarded.IsEmpty || !guarded.SetEquals(hops);
        guarded = hops;
        return changed;
    }

    /// <summary>
    /// Those of the next hops whose peers' packets pass the guard, or of which it is known that it cannot be told: a guard that failed must not cost more than
    /// itself. Null where nothing can be said yet.
    /// </summary>
    public HostProtocol.HopsReady? Through(HostProtocol.HopsReady? ready) =>
        !exists ? ready
        : ready is null || report is null ? null
        : new HostProtocol.HopsReady(ready.Hops.Intersect(guarded));

    /// <summary>Once it was in place it is as good as said: a file that somebody read is not taken back.</summary>
    public bool LetsSubnetFileBeWritten()
    {
        masqueraded |= report is { Masquerades: true };
        return !exists || !ipMasq || masqueraded;
    }

    /// <summary>Nothing is wanted any more: what stood does not count for what is wanted next.</summary>
    public void Forget() => masqueraded = false;

    /// <param name="plan">What the host wants now; null where that is not settled.</param>
    public Component ToComponent(HostPlan? plan) => plan is not null && report is not null && ReferenceEquals(report.PlanSeen, plan)
        ? new Component("firewall", report.InPlace, report.Detail)
        : new Component("firewall", false, "waiting");
}
