using AkkaOverlay.Node.Doctor.Checks;

namespace AkkaOverlay.Node.Doctor;

/// <summary>Every check there is, in the order of a packet's life: rights, node, underlay, kernel, firewall, tunnel, containers, others.</summary>
internal static class AllChecks
{
    public static readonly IReadOnlyList<ICheck> List =
    [
        new CapabilitiesCheck(),
        new NetConfCheck(),
        new StateDirectoryCheck(),
        new NodeCheck(),
        new ProbeCheck(),
        new SeedCheck(),
        new UnderlayCheck(),
        new AddressGoneCheck(),
        new SharedAddressCheck(),
        new ReservedPortCheck(),
        new TunCheck(),
        new IpForwardCheck(),
        new ReversePathCheck(),
        new ForwardFilterCheck(),
        new TunnelFilterCheck(),
        new MasqueradeCheck(),
        new LegacyRulesCheck(),
        new FirewalldCheck(),
        new BridgeNetfilterCheck(),
        new ConntrackCheck(),
        new NeighbourTableCheck(),
        new DeviceGoneCheck(),
        new StaleFlannelCheck(),
        new StaleRouteCheck(),
        new PortClashCheck(),
        new VxlanFlagsCheck(),
        new MacAddressCheck(),
        new ChecksumCheck(),
        new HypervisorCheck(),
        new EncryptionCheck(),
        new MtuCheck(),
        new ForeignRouteCheck(),
        new ForeignRuleCheck(),
        new OverlapCheck(),
        new DockerOptionsCheck(),
        new NetworkdCheck(),
        new NetworkManagerCheck(),
        new PoolCheck(),
    ];

    public static DoctorModel Judge(DoctorFacts facts)
    {
        var checks = List.Select(check => (Check: check, Findings: check.Look(facts).ToList())).ToList();
        return new DoctorModel(
            checks.Sum(one => one.Findings.Count(finding => finding.Bites)),
            [.. checks.SelectMany(one => one.Findings.Select(finding => new FindingModel(one.Check.Name, one.Check.Traps, finding.Bites, finding.What, finding.Why, finding.Mend)))],
            [.. checks.Select(one => new CheckModel(one.Check.Name, one.Check.Traps, one.Check.LooksAt, one.Findings.Any(finding => finding.Bites) ? "bites" : one.Findings.Count > 0 ? "note" : "ok"))],
            facts.Unseen);
    }
}
