using System.Collections.Immutable;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Actors.Host;

/// <summary>What the actors of one process say to each other about the host's network. Never leaves the process.</summary>
public static class HostProtocol
{
    // From the overlay actor system.

    /// <summary>The ledger confirmed this host's lease.</summary>
    /// <param name="Conflict">Why it is not the one that the host remembered; null where it is.</param>
    public sealed record LeaseHeld(Lease Lease, NetworkVersion Network, string? Conflict);

    /// <param name="IsClone">Another host lives under this host's node id: what this one remembers of a lease is that one's.</param>
    public sealed record LeaseRefused(string Text, bool IsClone = false);

    /// <summary>The ledger has taken the lease back: nothing of ours may stay.</summary>
    public sealed record LeaseEnded;

    /// <summary>The ledger as the feed has it, complete.</summary>
    public sealed record LedgerSeen(Guid Epoch, long Revision, NetworkVersion Network, ImmutableDictionary<NodeId, Lease> Leases)
    {
        /// <summary>Of another allocator; the first one that is seen is not another.</summary>
        public bool IsAnotherThan(LedgerView before)
        {
            ArgumentNullException.ThrowIfNull(before);
            return before.Epoch != Guid.Empty && Epoch != before.Epoch;
        }
    }

    /// <summary>The allocator says that the feed has all there is.</summary>
    public sealed record LedgerConfirmed
    {
        public static readonly LedgerConfirmed Instance = new();
    }

    // From the way out.

    /// <summary>This host was told to leave and waits for its containers: it goes on as before, but is not ready, so that nobody places new ones.</summary>
    /// <param name="Detail">For an operator: what is waited for.</param>
    public sealed record Draining(string Detail)
    {
        /// <summary>Of the component that is not ready then.</summary>
        public const string ComponentName = "drain";
    }

    // To the overlay actor system.

    /// <summary>Claim again without waiting for the next renewal.</summary>
    /// <param name="Served">The back ends that this host can be reached by, from now on; null where nothing is known of that.</param>
    /// <param name="UnderlayMtu">Octets that its underlay takes, from now on; null where nothing is known of that.</param>
    public sealed record ClaimNow(EquatableArray<BackEndConfig>? Served = null, int? UnderlayMtu = null);

    // Between TunnelManager and RouteManager, by way of HostNetwork.

    public sealed record HopsReady(ImmutableHashSet<NextHop> Hops);

    public sealed record HopsInUse(ImmutableHashSet<NextHop> Hops);

    // From the packet forwarders to TunnelManager, by way of HostNetwork.

    /// <summary>TUN devices at whose other end every queue is served.</summary>
    /// <param name="Detail">For an operator.</param>
    public sealed record Forwarded(ImmutableHashSet<string> Devices, string Detail);

    // From WayChooser.

    public sealed record WaysAvoided(ImmutableDictionary<AvoidedWay, Avoidance> Avoided);

    // Between HostNetwork and its managers.

    /// <summary>A manager (re)started and knows nothing.</summary>
    public sealed record GoalWanted
    {
        public static readonly GoalWanted Instance = new();
    }

    /// <param name="MayRemove">False on a partial view: then nothing is swept.</param>
    public sealed record SetGoal(HostPlan Plan, bool MayRemove);

    /// <param name="PlanSeen">The plan that this report is about.</param>
    /// <param name="Missing">Wanted objects that are not in place.</param>
    /// <param name="Written">Changes that the kernel has made for this manager since the process started.</param>
    public sealed record ManagerReport(string Manager, HostPlan PlanSeen, int MissingDevices, int Missing, long Written, ImmutableArray<string> Errors);

    /// <param name="PlanSeen">The plan that this report is about.</param>
    /// <param name="InPlace">What was asked for is in the kernel, seen in its dump.</param>
    /// <param name="Masquerades">Masquerading was asked for and is in place.</param>
    /// <param name="Detail">For an operator.</param>
    public sealed record FirewallReport(HostPlan PlanSeen, bool InPlace, bool Masquerades, string Detail);

    /// <summary>Of a part of being ready that some back ends have.</summary>
    /// <param name="PlanSeen">The plan that this report is about.</param>
    /// <param name="Detail">For an operator.</param>
    public abstract record PartReport(HostPlan PlanSeen, bool InPlace, string Detail);

    /// <param name="InPlace">This host's routes were read back from the cloud.</param>
    public sealed record CloudReport(HostPlan PlanSeen, bool InPlace, string Detail) : PartReport(PlanSeen, InPlace, Detail);

    /// <param name="InPlace">Every command that is wanted was carried out.</param>
    public sealed record ExtensionReport(HostPlan PlanSeen, bool InPlace, string Detail) : PartReport(PlanSeen, InPlace, Detail);

    // Questions.

    public sealed record GetStatus
    {
        public static readonly GetStatus Instance = new();
    }

    public sealed record GetLedger
    {
        public static readonly GetLedger Instance = new();
    }

    /// <summary>Answered by <see cref="PacketForwarder.ForwarderStatus"/>.</summary>
    public sealed record GetForwarders
    {
        public static readonly GetForwarders Instance = new();
    }

    /// <summary>Answered by an array of <see cref="ObjectStatus"/>: a fresh comparison with the kernel.</summary>
    public sealed record GetObjects
    {
        public static readonly GetObjects Instance = new();
    }

    public sealed record Objects(ImmutableArray<ObjectStatus> Rows);
}
