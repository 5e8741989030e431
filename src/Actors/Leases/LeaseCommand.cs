using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Leases;

/// <summary>What somebody asks of the lease table.</summary>
public abstract record LeaseCommand
{
    private LeaseCommand()
    {
    }

    /// <summary>Sets the network's configuration where the ledger has none yet; changes nothing afterwards.</summary>
    public sealed record FoundNetwork(NetworkConfig Config) : LeaseCommand;

    /// <summary>A host wants its subnets, or says that it still lives. Repeating it changes nothing.</summary>
    /// <param name="Held">What the host's own disk says that it holds; null on a new host.</param>
    public sealed record Claim(NodeId Owner, string NodeName, HostAddresses Public, EquatableArray<Offer> Offers, HeldLease? Held) : LeaseCommand
    {
        /// <inheritdoc cref="Lease.UnderlayMtu"/>
        public int? UnderlayMtu { get; init; }
    }

    /// <summary>A host gives its subnets back.</summary>
    public sealed record Release(NodeId Owner, long Generation) : LeaseCommand;

    /// <summary>The owner was unseen for too long. Refused where its subnet is reserved for it.</summary>
    public sealed record Expire(NodeId Owner, long Generation) : LeaseCommand;

    /// <summary>A subnet was in quarantine for long enough, or an operator says so.</summary>
    public sealed record EndQuarantine(IpPrefix Subnet) : LeaseCommand;

    /// <summary>An operator wants this subnet for the host of that name and for nobody else.</summary>
    public sealed record Reserve(IpPrefix Subnet, string Host) : LeaseCommand;

    public sealed record Unreserve(IpPrefix Subnet) : LeaseCommand;

    /// <summary>An operator wants another configuration: it is stored, and is on trial at first.</summary>
    /// <param name="ComparedWith">The version that she saw.</param>
    /// <param name="At">As <see cref="NetworkStanding.Since"/>.</param>
    public sealed record SetNetwork(long ComparedWith, NetworkConfig Config, TimeSpan Trial, DateTimeOffset At) : LeaseCommand;

    /// <summary>The version that is on trial stays.</summary>
    public sealed record KeepNetwork(long Version) : LeaseCommand;

    /// <summary>The version that is on trial does not stay: the configuration before it becomes the next version.</summary>
    public sealed record TakeBackNetwork(long Version, string Reason, DateTimeOffset At) : LeaseCommand;
}

/// <summary>A hold that a host remembers from before.</summary>
public sealed record HeldLease(LeaseSubnets Subnets, long Generation);
