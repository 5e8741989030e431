using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.SubnetAllocator;

public sealed partial class SubnetAllocatorActor
{
    private readonly CloneWatch clones = new();

    /// <summary>What was last said of a clone: it claims again and again.</summary>
    private string? lastClone;

    private void OnClaim(LeaseProtocol.Claim claim)
    {
        var (asker, owner) = (Sender, claim.Command.Owner);
        if (clones.HasLeft(claim.Incarnation))
            return;
        presence.Advance();
        if (table.Network is null)
        {
            Execute(new LeaseCommand.FoundNetwork(localNetwork), claim, _ => log.Info("The network is founded: {Network}", NetConf.ToEffectiveJson(localNetwork, indented: false)));
            Self.Forward(claim);
            return;
        }
        if (claim.NetworkFingerprint != NetConf.Fingerprint(table.Network))
        {
            FromMemory(() => asker.Tell(new LeaseProtocol.NetworkIs(Network(), NetConf.Fingerprint(table.Network))));
            return;
        }
        var lease = table.Leases.GetValueOrDefault(owner);
        var claimer = new Claimer(owner, claim.Incarnation, asker, claim.Command.NodeName, claim.Command.Public);
        switch (clones.Judge(claimer, lease, presence.Listening))
        {
            case CloneVerdict.Wait:
                return;
            case CloneVerdict.AskFormer:
                clones.KnownAs(owner)!.Ref.Tell(new LeaseProtocol.StillThere(owner));
                Timers.StartSingleTimer((nameof(DoubtOver), owner), new DoubtOver(owner, claim.Incarnation), CloneWatch.AnswerWithin);
                return;
        }
        // Who claims lives.
        OnStillThere(new LeaseProtocol.IAmHere(owner, claim.Incarnation));
        if (lease is not null)
            presence.Seen(owner);
        else if (IsDry(claim.Command) && presence.Reclaim(table, owner) is { } expire)
        {
            Write(table.Decide(expire).Events, () => Self.Tell(claim, asker));
            return;
        }
        Execute(claim.Command, claim, reply => Answer(asker, claim.Command, reply));
    }

    private void Answer(IActorRef asker, LeaseCommand.Claim claim, LeaseReply reply)
    {
        switch (reply)
        {
            case LeaseReply.Granted granted:
                if (granted.Conflict is { } conflict)
                    log.Error("Claim of {Node} ({Owner}) conflicts with the ledger: {Conflict}", claim.NodeName, claim.Owner, conflict);
                asker.Tell(new LeaseProtocol.Granted(granted.Lease, Network(), granted.Conflict));
                break;
            case LeaseReply.Refused refused:
                clones.Forget(claim.Owner);
                asker.Tell(new LeaseProtocol.Refused(refused.Reason, refused.Reason == RefusalReason.OutOfSubnets ? $"{refused.Text}; {WhenFree()}" : refused.Text));
                break;
        }
    }

    private bool IsDry(LeaseCommand.Claim claim) => table.Decide(claim).Reply is LeaseReply.Refused { Reason: RefusalReason.OutOfSubnets };

    private string WhenFree()
    {
        var next = new[] { presence.NextFree(table, ipv4: true), presence.NextFree(table, ipv4: false) }.Max();
        return next is { } left
            ? $"one is free in {DurationText.Of(left)}, when its quarantine is over"
            : "one is free when a host leaves ('cluster leave', 'lease release'), or when a host was unseen for 10 minutes and its quarantine is over";
    }

    private void OnStillThere(LeaseProtocol.IAmHere here)
    {
        if (clones.Lives(here.Owner, here.Incarnation) is not { } newcomer)
            return;
        Timers.Cancel((nameof(DoubtOver), here.Owner));
        string text = CloneWatch.Refusal(clones.KnownAs(here.Owner)!, newcomer);
        if (text != lastClone)
            log.Error("Clone: {Text}", text);
        lastClone = text;
        FromMemory(() => newcomer.Ref.Tell(new LeaseProtocol.Refused(RefusalReason.Clone, text)));
    }

    private void OnDoubtOver(DoubtOver over)
    {
        // It repeats its claim every half second, and is known now.
        if (clones.Silent(over.Owner, over.Newcomer) is { } newcomer)
            log.Warning("{Node} ({Owner}) claims from another address, and the process that did before does not answer: the new one is taken for it", newcomer, over.Owner);
    }

    private void OnRelease(LeaseProtocol.Release release)
    {
        var asker = Sender;
        if (!clones.MaySpeak(release.Owner, release.Incarnation, asker.Path.Address))
        {
            FromMemory(() => asker.Tell(new LeaseProtocol.Refused(RefusalReason.Clone, $"another host with node id {release.Owner} holds its lease")));
            return;
        }
        if (table.Leases.TryGetValue(release.Owner, out var lease) && lease.Generation != release.Generation)
        {
            // The owner remembers an earlier hold: it must hear of the one that it has.
            FromMemory(() => asker.Tell(new LeaseProtocol.Granted(lease, Network(), null)));
            return;
        }
        // A lease that is not there is as much released as one that was there: the first answer may have been lost.
        Execute(new LeaseCommand.Release(release.Owner, release.Generation), release, _ =>
        {
            clones.Left(release.Incarnation);
            asker.Tell(new LeaseProtocol.Released(release.Owner, release.Generation));
        });
    }

    private sealed record DoubtOver(NodeId Owner, Guid Newcomer) : IDeadLetterSuppression;
}
