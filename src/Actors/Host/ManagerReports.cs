using AkkaOverlay.Actors.Plan;

namespace AkkaOverlay.Actors.Host;

/// <summary>What the managers last said of their work.</summary>
internal sealed class ManagerReports
{
    private readonly Dictionary<string, HostProtocol.ManagerReport> reports = [];
    private readonly Dictionary<string, long> written = [];

    /// <summary>Changes that the kernel made since the process started.</summary>
    public long Written => written.Values.Sum();

    public void Add(HostProtocol.ManagerReport report)
    {
        reports[report.Manager] = report;
        written[report.Manager] = report.Written;
    }

    /// <summary>A report about an earlier plan says nothing.</summary>
    public void Clear() => reports.Clear();

    /// <param name="plan">What the host wants now; null where that is not settled.</param>
    public Component ToComponent(string manager, HostPlan? plan)
    {
        if (plan is null || !reports.TryGetValue(manager, out var report) || !ReferenceEquals(report.PlanSeen, plan))
            return new Component(manager, false, "waiting");
        if (report.Errors.Length > 0)
            return new Component(manager, false, string.Join("; ", report.Errors.Take(3)));
        int missing = report.Missing + report.MissingDevices;
        return new Component(manager, missing == 0, missing == 0 ? "as wanted" : $"{missing} not in place");
    }
}
