using AkkaOverlay.Actors.Network;

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
    public sealed record Claim(NodeId Owner, string NodeName, HostAddresses Public, EquatableArray<Offer> Offers, HeldLease? Held) : LeaseCommand;

    /// <summary>A host gives its subnets back.</summary>
    public sealed record Release(NodeId Owner, long Generation) : LeaseCommand;
}

/// <summary>A hold that a host remembers from before.</summary>
public sealed record HeldLease(LeaseSubnets Subnets, long Generation);

/// <summary>What happened, for ever: the journal holds these and nothing else.</summary>
public abstract record LeaseEvent
{
    private LeaseEvent()
    {
    }

    public sealed record NetworkSet(long Version, NetworkConfig Config) : LeaseEvent;

    public sealed record Granted(Lease Lease) : LeaseEvent;

    /// <summary>Same owner, subnets and generation; name, addresses or offers are new.</summary>
    public sealed record Changed(Lease Lease) : LeaseEvent;

    public sealed record Released(NodeId Owner, long Generation) : LeaseEvent;
}

/// <summary>The answer to a command, true once its events are in the journal.</summary>
public abstract record LeaseReply
{
    private LeaseReply()
    {
    }

    public sealed record Done : LeaseReply;

    /// <param name="Conflict">Why the host did not get what it said it held; null where it did, or held nothing.</param>
    public sealed record Granted(Lease Lease, string? Conflict) : LeaseReply;

    public sealed record Refused(RefusalReason Reason, string Text) : LeaseReply;
}

public enum RefusalReason
{
    /// <summary>A reason that only a newer release knows; the text says it.</summary>
    Unknown,

    /// <summary>Nobody gave the ledger a network configuration yet.</summary>
    NoNetwork,

    /// <summary>Every subnet between SubnetMin and SubnetMax is held.</summary>
    OutOfSubnets,

    /// <summary>There is no such lease: it ended, or its owner holds a newer one.</summary>
    NotHeld,
}
