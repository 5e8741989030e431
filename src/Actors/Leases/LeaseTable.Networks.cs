using System.Collections.Immutable;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Actors.Leases;

public sealed partial record LeaseTable
{
    /// <summary>Since when the configuration is in use, and whether for good.</summary>
    public NetworkStanding Standing { get; private init; } = NetworkStanding.Plain;

    /// <summary>What another configuration would mean for the leases that there are.</summary>
    /// <exception cref="InvalidOperationException">There is no configuration yet.</exception>
    public NetworkComparison Compare(NetworkConfig next) => NetworkComparison.Of(
        Network ?? throw new InvalidOperationException("The ledger has no network configuration yet."),
        next,
        Leases.Values,
        IPv4.Reserved.Concat(IPv6.Reserved).Select(item => (item.Key, item.Value)));

    /// <summary>Why nobody is given a subnet just now; null where somebody can be.</summary>
    private string? NoGrants => Standing.Trial is { Former.Config: var former } && (former.IPv4 != Network!.IPv4 || former.IPv6 != Network.IPv6)
        ? "another address range is on trial: subnets are given out again when it is known whether it stays"
        : null;

    private (ImmutableArray<LeaseEvent>, LeaseReply) DecideSetNetwork(LeaseCommand.SetNetwork set)
    {
        if (Network is null)
            return Refuse(RefusalReason.NoNetwork, "The ledger has no network configuration yet.");
        if (set.ComparedWith != NetworkVersion)
            return Refuse(RefusalReason.Denied, $"the network's configuration is version {NetworkVersion} by now, and what you ask for was compared with version {set.ComparedWith}: look at it again ('network show')");
        if (Standing.Trial is not null)
            return Refuse(RefusalReason.Denied, $"version {NetworkVersion} of the network's configuration is on trial: wait until it is known whether it stays ('network show')");
        var comparison = Compare(set.Config);
        if (comparison.Refusal is { } refusal)
            return Refuse(RefusalReason.Denied, refusal);
        if (set.Config == Network)
            return ([], new LeaseReply.Done("the network's configuration is so already"));
        var happened = new LeaseEvent.NetworkSet(NetworkVersion + 1, set.Config) { Note = new NetworkNote(set.At, set.Trial, null) };
        return ([happened], new LeaseReply.Done($"version {NetworkVersion + 1} is on trial"));
    }

    private (ImmutableArray<LeaseEvent>, LeaseReply) DecideKeepNetwork(LeaseCommand.KeepNetwork keep) => Standing.Trial is null || keep.Version != NetworkVersion
        ? Refuse(RefusalReason.Denied, $"Version {keep.Version} is not on trial.")
        : ([new LeaseEvent.NetworkSet(NetworkVersion, Network!) { Note = new NetworkNote(Standing.Since, null, null) }], new LeaseReply.Done());

    private (ImmutableArray<LeaseEvent>, LeaseReply) DecideTakeBackNetwork(LeaseCommand.TakeBackNetwork back) => Standing.Trial is not { } trial || back.Version != NetworkVersion
        ? Refuse(RefusalReason.Denied, $"Version {back.Version} is not on trial.")
        : ([new LeaseEvent.NetworkSet(NetworkVersion + 1, trial.Former.Config) { Note = new NetworkNote(back.At, null, back.Reason) }], new LeaseReply.Done());

    private LeaseTable ApplyNetworkSet(LeaseEvent.NetworkSet set)
    {
        var trial = set.Note?.Trial is { } length && Network is { } former ? new NetworkTrial(new NetworkVersion(NetworkVersion, former), length) : null;
        return this with
        {
            Network = set.Config,
            NetworkVersion = set.Version,
            Standing = new NetworkStanding(set.Note?.At, trial, set.Note?.TakenBack),
            IPv4 = IPv4.InPool(set.Config.IPv4),
            IPv6 = IPv6.InPool(set.Config.IPv6),
        };
    }
}
