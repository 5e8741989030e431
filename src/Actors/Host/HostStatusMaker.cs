using AkkaOverlay.Actors.Plan;

namespace AkkaOverlay.Actors.Host;

/// <summary>Puts together how the host's network stands, from everybody who knows a part of it.</summary>
internal sealed class HostStatusMaker(HostSettings settings, ManagerReports reports, HostMemory memory, FirewallGate gate, PartGates parts, Changeover changeover)
{
    /// <param name="judged">The plan that reports are compared with; null while there is a newer one to be made.</param>
    /// <param name="plan">The last one; null where there is none yet.</param>
    /// <param name="draining">What is waited for before the host leaves; null where nothing is.</param>
    public HostStatus Make(
        OwnLease own,
        LedgerView ledger,
        HostPlan? judged,
        HostPlan? plan,
        (Underlay Now, string? Problem) underlay,
        HostProtocol.Forwarded? forwarded,
        string? draining)
    {
        var components = new List<Component>
        {
            own.ToComponent(),
            ledger.ToComponent(),
            reports.ToComponent("tunnels", judged),
            reports.ToComponent("routes", judged),
            memory.SubnetFile,
            new("underlay", underlay.Problem is null, underlay.Problem ?? underlay.Now.Device),
        };
        if (plan?.Links.OfType<WantedTun>().FirstOrDefault() is { } tun)
            components.Add(new Component("forwarders", forwarded?.Devices.Contains(tun.Name) ?? false, forwarded?.Detail ?? "waiting"));
        if (settings.Firewall is not null)
            components.Add(gate.ToComponent(judged));
        components.AddRange(parts.ToComponents(judged, plan));
        var backEnd = ledger.Network?.Config.BackEnd;
        if (backEnd is not null && changeover.ToComponent(backEnd) is { } both)
            components.Add(both);
        if (draining is not null)
            components.Insert(0, new Component(HostProtocol.Draining.ComponentName, false, draining));
        return new HostStatus(
            settings.Node,
            settings.NodeName,
            components.All(component => component.Ready),
            [.. components],
            own.Lease,
            ledger.Network,
            plan ?? HostPlan.Nothing,
            underlay.Now,
            reports.Written)
        {
            Changeover = backEnd is null ? null : changeover.Waiting(backEnd, ledger.Leases.Values.Where(lease => lease.Owner != settings.Node)),
        };
    }
}
