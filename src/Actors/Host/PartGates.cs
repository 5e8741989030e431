using AkkaOverlay.Actors.Plan;

namespace AkkaOverlay.Actors.Host;

/// <summary>What is known of the parts that some back ends have: this host's routes in its cloud, and the operator's commands.</summary>
public sealed class PartGates
{
    private readonly PartGate<HostProtocol.CloudReport> cloud = new("cloud routes", plan => plan.Cloud is not null);
    private readonly PartGate<HostProtocol.ExtensionReport> extension = new("extension", plan => plan.Extension is not null);

    /// <summary>Of the components in the host's status.</summary>
    public static IReadOnlyList<string> Names { get; } = [new PartGates().cloud.Name, new PartGates().extension.Name];

    internal void Take(HostProtocol.PartReport news)
    {
        cloud.Take(news);
        extension.Take(news);
    }

    /// <param name="judged">What the host wants now; null where that is not settled.</param>
    /// <param name="plan">The last plan.</param>
    internal IEnumerable<Component> ToComponents(HostPlan? judged, HostPlan? plan) =>
        new[] { cloud.ToComponent(judged, plan), extension.ToComponent(judged, plan) }.OfType<Component>();

    private sealed class PartGate<T>(string name, Func<HostPlan, bool> isWanted) where T : HostProtocol.PartReport
    {
        private T? report;

        public string Name => name;

        public void Take(HostProtocol.PartReport news) => report = news as T ?? report;

        /// <returns>Null where the back end has nothing to do with it.</returns>
        public Component? ToComponent(HostPlan? judged, HostPlan? plan) =>
            (plan is null || !isWanted(plan)) && report is null ? null
            : judged is not null && ReferenceEquals(report?.PlanSeen, judged) ? new Component(name, report!.InPlace, report.Detail)
            : new Component(name, false, "waiting");
    }
}
