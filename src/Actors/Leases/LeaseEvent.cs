using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Leases;

/// <summary>What happened, for ever: the journal holds these and nothing else.</summary>
public abstract record LeaseEvent
{
    private LeaseEvent()
    {
    }

    /// <summary>Another configuration; or, with the version that is on trial, the end of its trial: it is kept.</summary>
    public sealed record NetworkSet(long Version, NetworkConfig Config) : LeaseEvent
    {
        /// <summary>Null at the founding.</summary>
        public NetworkNote? Note { get; init; }
    }

    public sealed record Granted(Lease Lease) : LeaseEvent;

    /// <summary>Same owner, subnets and generation; name, addresses, MTU or offers are new.</summary>
    public sealed record Changed(Lease Lease) : LeaseEvent;

    /// <summary>Given back, by the owner or by an operator: the subnets are free at once.</summary>
    public sealed record Released(NodeId Owner, long Generation) : LeaseEvent;

    /// <summary>The owner was unseen: its subnets are in quarantine, and nobody but the owner gets one before its <see cref="QuarantineOver"/>.</summary>
    public sealed record Expired(NodeId Owner, long Generation) : LeaseEvent;

    public sealed record QuarantineOver(IpPrefix Subnet) : LeaseEvent;

    public sealed record Reserved(IpPrefix Subnet, string Host) : LeaseEvent;

    public sealed record Unreserved(IpPrefix Subnet) : LeaseEvent;
}
