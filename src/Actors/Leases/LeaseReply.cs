namespace AkkaOverlay.Actors.Leases;

/// <summary>The answer to a command, true once its events are in the journal.</summary>
public abstract record LeaseReply
{
    private LeaseReply()
    {
    }

    /// <param name="Text">For the operator who asked; empty where nobody did.</param>
    public sealed record Done(string Text = "") : LeaseReply;

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

    /// <summary>Every subnet between SubnetMin and SubnetMax is held, in quarantine, or reserved for another host.</summary>
    OutOfSubnets,

    /// <summary>There is no such lease: it ended, or its owner holds a newer one.</summary>
    NotHeld,

    /// <summary>Another host lives under the same node id and has the lease.</summary>
    Clone,

    /// <summary>What an operator asks for cannot be; the text says why.</summary>
    Denied,
}
