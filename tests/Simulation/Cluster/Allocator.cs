using System.Collections.Immutable;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.QuorumJournal;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Simulation.Check;
using AkkaOverlay.Simulation.Plan;

namespace AkkaOverlay.Simulation.Cluster;

/// <summary>
/// The allocator by the rules of <see cref="SubnetAllocatorActor"/>: decides on what is applied, one write at a time, answers after it is written; answers without
/// an event wait for the fence; a failure stops it without an answer. Who was seen when, what waits at the fence and what becomes of it then are the product's own classes.
/// </summary>
internal sealed partial class Allocator(World world, CoreNode node, LedgerWriter writer)
{
    /// <summary>Leases and quarantines that end at one tick.</summary>
    private const int EndsPerTick = 100;

    private readonly Guid feed = world.Random.Id();
    private readonly Queue<Action> stash = new();
    private readonly AnswerGate gate = new();
    private readonly AllocatorClock clock = new(world.Bug, node, world.LeaseTimes);
    private readonly Office office = new(() => node.Waking);
    private readonly List<Fact> facts = [];
    private readonly HashSet<(Host Host, int Life)> watchers = [];

    private LeaseTable table = LeaseTable.Empty;
    private (long Id, ImmutableArray<LeaseEvent> Events, Action Done)? write;
    private bool ready;
    private bool over;
    private bool compacts;
    private long lastSnapshot;
    private long lastId;
    private int ticks;

    public bool IsOpen => ready && !over;

    /// <summary>False also where the failure is still among the effects: the writer takes nothing any more.</summary>
    private bool CanWrite => ready && !over && !writer.IsClosed;

    public void Open()
    {
        writer.Open(node.LocalNow);
        Pump();
    }

    public void Stop(string why)
    {
        over = true;
        writer.Close(why);
        writer.Drain();
        if (world.Tracing)
            world.Trace($"{node} stops its allocator: {why}");
    }

    public void Tick()
    {
        writer.Tick(node.LocalNow);
        Pump();
        if (++ticks % CoreNode.TicksPerSecond == 0)
            Command(OnSecond);
    }

    public void Receive(string seat, SeatProtocol.IReply reply)
    {
        if (world.Bug == Bug.MinorityRecovery && seat == node.Name && reply is SeatProtocol.Promise { Have.Roster: { } roster } promise)
        {
            foreach (var holder in roster.Holders.AsEnumerable().Where(holder => holder.Seat != seat))
                writer.Receive(holder.Seat, promise with { Have = promise.Have with { Store = holder.Store } }, node.LocalNow);
        }
        writer.Receive(seat, reply, node.LocalNow);
        if (world.Bug == Bug.OwnSeatOnly && seat == node.Name && reply is SeatProtocol.Accepted accepted && accepted.Epoch == writer.Epoch
            && write is { } mine && accepted.LastSeq >= table.Revision + mine.Events.Length)
            OnWritten(mine.Id);
        Pump();
    }

    /// <summary>A message for the allocator: it waits while a write is under way, as a persistent actor's do.</summary>
    public void Command(Action act)
    {
        if (over)
            return;
        stash.Enqueue(act);
        Unstash();
        Pump();
    }

    public void ChangeSeats(IReadOnlyList<string> seats) => Command(() => writer.ChangeSeats([.. seats], node.LocalNow));

    private void Unstash()
    {
        while (CanWrite && write is null && stash.TryDequeue(out var act))
            act();
    }

    private void Pump()
    {
        while (!over && writer.Drain() is { Count: > 0 } effects)
        {
            foreach (var effect in effects)
                Handle(effect);
        }
    }

    private void Handle(WriterEffect effect)
    {
        switch (effect)
        {
            case WriterEffect.Send send:
                world.ToSeat(node, send.Seat, send.Message);
                break;
            case WriterEffect.Opened opened:
                OnOpened(opened.Log);
                break;
            case WriterEffect.Written written:
                OnWritten(written.Id);
                break;
            case WriterEffect.Confirmed:
                // A message like any other: it does not come before the events of a write that is under way.
                Command(OnFenceHolds);
                break;
            case WriterEffect.Compacted:
                compacts = false;
                world.Stats.Snapshots++;
                break;
            case WriterEffect.RosterChanged changed:
                world.RosterChanged(node, changed.Roster);
                break;
            case WriterEffect.ChangeRefused refused:
                world.ChangeRefused(node, refused.Reason);
                break;
            case WriterEffect.Failed failed:
                over = true;
                world.Stats.Failures++;
                if (failed.Reason.Contains("another writer", StringComparison.Ordinal))
                    world.Stats.Fencings++;
                if (world.Tracing)
                    world.Trace($"{node} fails: {failed.Reason}");
                node.AllocatorFailed();
                break;
        }
    }

    private void OnOpened(LedgerLog log)
    {
        world.Stats.Openings++;
        if (world.Tracing)
            world.Trace($"{node} opens epoch {log.Epoch} at {log.LastSeq}, roster {log.Roster}");
        world.Checker.Opened(log.Epoch, log);
        foreach (var fact in Fact.All(log))
            Apply(fact, world.Pool.ToEvent(fact));
        clock.Presence.Begin(table);
        office.Begin();
        if (world.Bug == Bug.QuarantineForgotten)
            EndAllQuarantines();
        lastSnapshot = log.BaseSeq;
        ready = true;
        Unstash();
    }

    private void Apply(Fact fact, LeaseEvent happened)
    {
        facts.Add(fact);
        table = table.Apply(happened);
    }

    private void OnSecond()
    {
        clock.Advance();
        var events = clock.Presence.Due(table, EndsPerTick).SelectMany(command => table.Decide(command).Events).ToImmutableArray();
        if (!events.IsEmpty)
            Write(events, () => { });
    }

    private void Write(ImmutableArray<LeaseEvent> events, Action done)
    {
        world.Checker.Decided(office, table.Revision + 1, [.. events.Select(world.Pool.ToFact)]);
        write = (++lastId, events, done);
        var entries = events.Select((happened, i) => new LogEntry(table.Revision + 1 + i, world.Pool.ToFact(happened).ToPayload())).ToList();
        writer.Append(lastId, entries, node.LocalNow);
    }

    private void OnWritten(long id)
    {
        if (write is not { } written || written.Id != id)
            return;
        write = null;
        var news = written.Events.Select(world.Pool.ToFact).ToList();
        world.Checker.Written(writer.Epoch, table.Revision + 1, news);
        world.Stats.Events += news.Count;
        for (int i = 0; i < news.Count; i++)
        {
            var before = table;
            Apply(news[i], written.Events[i]);
            Note(written.Events[i], before);
            if (world.Tracing)
                world.Trace($"{node} has written {table.Revision}: {news[i]}");
            Announce(new LeaseProtocol.Change(feed, before.Revision, table.Revision, written.Events[i]));
        }
        written.Done();
        SnapshotIfDue();
        Unstash();
    }

    private void Note(LeaseEvent happened, LeaseTable before)
    {
        clock.Presence.Note(happened, before);
        if (happened is LeaseEvent.Expired expired)
        {
            world.Stats.Expiries++;
            office.Quarantined(world.Pool.ToHold(before.Leases[expired.Owner]).Subnet);
        }
    }

    private void SnapshotIfDue()
    {
        if (!CanWrite || compacts || table.Revision - lastSnapshot < world.SnapshotEvery)
            return;
        compacts = true;
        lastSnapshot = table.Revision;
        writer.Compact(table.Revision, Fact.Snapshot(world.Bug == Bug.SnapshotDropsLease ? DropOne() : facts), node.LocalNow);
    }

    private List<Fact> DropOne()
    {
        var owner = facts.FindLast(fact => fact.Kind == FactKind.Granted).Owner;
        return [.. facts.Select(fact => fact.Owner == owner ? facts[0] : fact)];
    }

    /// <summary>Answers without an event: once the fence has said that this allocator still is the one. Those that come meanwhile share the next question.</summary>
    private void FromMemory(Action answer)
    {
        if (world.Bug == Bug.NoFence)
        {
            answer();
            return;
        }
        gate.Add(answer);
        AskFence();
    }

    private void AskFence()
    {
        if (CanWrite && gate.TryAsk(table.Revision))
            writer.Confirm(++lastId, node.LocalNow);
    }

    private void OnFenceHolds()
    {
        gate.Open();
        AskFence();
    }

    private void EndAllQuarantines()
    {
        var ended = table.IPv4.Quarantines.Keys.Select(subnet => (LeaseEvent)new LeaseEvent.QuarantineOver(subnet)).ToImmutableArray();
        if (!ended.IsEmpty)
            stash.Enqueue(() => Write(ended, () => { }));
    }
}
