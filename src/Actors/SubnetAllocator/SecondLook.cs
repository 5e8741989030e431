using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.SubnetAllocator;

/// <summary>
/// What becomes of a command that needed no event when it was asked and has waited at the fence since: the ledger may have gone on. The pure part of the
/// allocator's answers from memory; the simulation drives the same one.
/// </summary>
internal abstract record SecondLook
{
    private SecondLook()
    {
    }

    public static SecondLook At(LeaseCommand command, LeaseTable now)
    {
        // It was said to be over, and the owner has a newer one: it must hear of that before it takes itself for free.
        if (command is LeaseCommand.Release release && now.Leases.ContainsKey(release.Owner))
            return new AskAgain();
        var (events, reply) = now.Decide(command);
        if (events.IsEmpty)
            return new Answer(reply);
        // Whoever claimed may have released since, and be gone: what it is granted now nobody would ever give back. One that lives claims again.
        return command is LeaseCommand.Claim ? new Drop() : new AskAgain();
    }

    /// <summary>It needs none now, either.</summary>
    public sealed record Answer(LeaseReply Reply) : SecondLook;

    /// <summary>It needs one now: the question begins anew.</summary>
    public sealed record AskAgain : SecondLook;

    /// <summary>It is not answered.</summary>
    public sealed record Drop : SecondLook;
}
