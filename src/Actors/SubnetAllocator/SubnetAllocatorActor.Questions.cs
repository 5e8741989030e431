using Akka.Actor;
using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.SubnetAllocator;

public sealed partial class SubnetAllocatorActor
{
    /// <summary>Three renewals: an owner that was seen since lives.</summary>
    private static readonly TimeSpan AliveFor = TimeSpan.FromSeconds(30);

    private readonly LedgerListing listing = new();

    private void OnWatch(LeaseProtocol.Watch watch)
    {
        var watcher = Sender;
        if (table.Network is not null)
            FromMemory(() => Follow(watcher, watch));
    }

    private void Follow(IActorRef watcher, LeaseProtocol.Watch watch)
    {
        if (watchers.TryAdd(watcher, watch.Watcher))
            Context.Watch(watcher);
        if (watch.Epoch == epoch && watch.Revision == table.Revision)
        {
            watcher.Tell(new LeaseProtocol.UpToDate(epoch, table.Revision));
            return;
        }
        var pages = table.Leases.Values.Chunk(LeasesPerPage).DefaultIfEmpty([]).ToList();
        for (int page = 0; page < pages.Count; page++)
            watcher.Tell(new LeaseProtocol.Snapshot(epoch, table.Revision, Network(), pages[page].ToEquatableArray(), page, pages.Count));
    }

    private void OnDescribe(LeaseProtocol.Describe question)
    {
        var asker = Sender;
        presence.Advance();
        FromMemory(() => asker.Tell(Describe(question)));
    }

    private object Describe(LeaseProtocol.Describe question)
    {
        if (question.Only is not { } subnet)
        {
            var (page, next) = listing.Page(table, presence, question.After, LeasesPerPage);
            return new LeaseProtocol.Described(table.Revision, page, next);
        }
        return table.NoSubnet(subnet) is { } problem
            ? new LeaseProtocol.Refused(RefusalReason.Denied, problem)
            : new LeaseProtocol.Described(table.Revision, [LedgerListing.Describe(table, presence, subnet)], null);
    }

    private void OnOperator(LeaseCommand command, object question)
    {
        var asker = Sender;
        Execute(command, question, reply => asker.Tell(reply switch
        {
            LeaseReply.Done done => new LeaseProtocol.Done(done.Text),
            LeaseReply.Refused refused => new LeaseProtocol.Refused(refused.Reason, refused.Text),
            _ => throw new InvalidOperationException($"An operator's command was answered by {reply.GetType().Name}."),
        }));
    }

    private void OnEndLease(LeaseProtocol.EndLease end)
    {
        var asker = Sender;
        presence.Advance();
        var subnet = end.Subnet;
        var described = LedgerListing.Describe(table, presence, subnet);
        if (Objection(end, described) is { } objection)
        {
            FromMemory(() => asker.Tell(new LeaseProtocol.Refused(RefusalReason.Denied, objection)));
            return;
        }
        LeaseCommand command = described.Lease is { } lease ? new LeaseCommand.Release(lease.Owner, lease.Generation) : new LeaseCommand.EndQuarantine(subnet);
        string text = described.Lease is null ? $"the quarantine of {subnet} is over" : $"the lease of {described.Host} ({described.Owner}) is over: {described.Subnets} is free";
        Write(table.Decide(command).Events, () => asker.Tell(new LeaseProtocol.Done(text)));
    }

    /// <summary>Why a lease or quarantine is not ended; null where it is.</summary>
    private string? Objection(LeaseProtocol.EndLease end, LeaseDescription described) => described switch
    {
        { State: LeaseState.Held, Unseen: { } unseen } when unseen < AliveFor && !end.Force =>
            $"{described.Host} lives (seen {DurationText.Of(unseen)} ago) and would claim again: tell it to leave ('cluster leave'), or use --force",
        { State: LeaseState.Quarantined, QuarantineLeft: { } left } when !end.Force =>
            $"{end.Subnet} is in quarantine for another {DurationText.Of(left)} after the lease of {described.Host}: --force ends it now",
        { State: LeaseState.Held or LeaseState.Quarantined } => null,
        _ => table.NoSubnet(end.Subnet) ?? $"nobody holds {end.Subnet}",
    };
}
