using AkkaOverlay.Actors.Plan;

namespace AkkaOverlay.Actors.Host;

/// <summary>What is known of this host's routes in its cloud.</summary>
internal sealed class CloudGate
{
    /// <summary>Of the component in the host's status.</summary>
    public const string ComponentName = "cloud routes";

    private HostProtocol.CloudReport? report;

    public void Take(HostProtocol.CloudReport news) => report = news;

    /// <param name="judged">What the host wants now; null where that is not settled.</param>
    /// <param name="plan">The last plan.</param>
    /// <returns>Null where no cloud has anything to do with it.</returns>
    public Component? ToComponent(HostPlan? judged, HostPlan? plan) =>
        plan?.Cloud is null && report is null ? null
        : judged is not null && ReferenceEquals(report?.PlanSeen, judged) ? new Component(ComponentName, report!.InPlace, report.Detail)
        : new Component(ComponentName, false, "waiting");
}
