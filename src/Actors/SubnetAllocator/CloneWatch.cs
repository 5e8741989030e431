using Akka.Actor;
using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.SubnetAllocator;

/// <summary>A process that claims under a node id.</summary>
/// <param name="Incarnation">New for every process.</param>
internal sealed record Claimer(NodeId Owner, Guid Incarnation, IActorRef Ref, string NodeName, HostAddresses Public)
{
    /// <summary>Of its actor system; without host and port for one in the allocator's own.</summary>
    public Address Address => Ref.Path.Address;

    public override string ToString() => $"{NodeName} at {Public.IPv4 ?? Public.IPv6}{(Address.HasGlobalScope ? $" ({Address.HostPort()})" : "")}";
}

internal enum CloneVerdict
{
    /// <summary>The owner itself.</summary>
    Accept,

    /// <summary>Somebody else was known under this id: ask whether it still lives.</summary>
    AskFormer,

    /// <summary>The answer is not there yet; the claim will be repeated.</summary>
    Wait,
}

/// <summary>
/// Tells a host that was started again from a copy of it: two machines with one node id, as an image with a state directory in it makes them. The pure
/// part; the allocator asks, waits and answers.
/// </summary>
internal sealed class CloneWatch
{
    /// <summary>How long the one who was there first may take to say that it still is.</summary>
    public static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A renewal's interval and some: an allocator that has listened for less may not have heard yet from the one whose address is in the ledger, and does
    /// not take a stranger with its id for it.
    /// </summary>
    public static readonly TimeSpan Settled = TimeSpan.FromSeconds(12);

    private readonly Dictionary<NodeId, Claimer> known = [];
    private readonly Dictionary<NodeId, Claimer> doubted = [];

    /// <summary>Processes that gave their lease back, the last ones: what they said before may still be under way.</summary>
    private readonly HashSet<Guid> left = [];
    private readonly Queue<Guid> leftInOrder = new();

    private const int LeftRemembered = 1000;

    /// <param name="lease">The owner's, in the ledger.</param>
    /// <param name="listening">For how long this allocator has listened.</param>
    public CloneVerdict Judge(Claimer claimer, Lease? lease, TimeSpan listening)
    {
        if (!known.TryGetValue(claimer.Owner, out var former))
        {
            bool stranger = lease is not null && lease.Public != claimer.Public && claimer.Address.HasGlobalScope;
            if (stranger && listening < Settled)
                return CloneVerdict.Wait;
            known[claimer.Owner] = claimer;
            return CloneVerdict.Accept;
        }
        if (former.Incarnation == claimer.Incarnation || former.Address == claimer.Address)
        {
            known[claimer.Owner] = claimer;
            return CloneVerdict.Accept;
        }
        return doubted.TryAdd(claimer.Owner, claimer) ? CloneVerdict.AskFormer : CloneVerdict.Wait;
    }

    public Claimer? KnownAs(NodeId owner) => known.GetValueOrDefault(owner);

    /// <summary>Somebody said that it lives.</summary>
    /// <returns>The newcomer to refuse; null where nobody is in doubt, or somebody else answered.</returns>
    public Claimer? Lives(NodeId owner, Guid incarnation) =>
        known.TryGetValue(owner, out var former) && former.Incarnation == incarnation && doubted.Remove(owner, out var newcomer) ? newcomer : null;

    /// <summary>The one who was there first did not answer in time: the newcomer is the owner now.</summary>
    /// <returns>The newcomer; null where the doubt was over before.</returns>
    public Claimer? Silent(NodeId owner, Guid newcomer)
    {
        if (!doubted.TryGetValue(owner, out var claimer) || claimer.Incarnation != newcomer)
            return null;
        doubted.Remove(owner);
        known[owner] = claimer;
        return claimer;
    }

    /// <summary>May this process speak for the owner? An unknown one may: the ledger compares the generation.</summary>
    public bool MaySpeak(NodeId owner, Guid incarnation, Address from) =>
        !known.TryGetValue(owner, out var former) || former.Incarnation == incarnation || former.Address == from;

    /// <summary>The lease is over: there is nothing to protect.</summary>
    public void Note(LeaseEvent happened)
    {
        if (happened is LeaseEvent.Released released)
            Forget(released.Owner);
        else if (happened is LeaseEvent.Expired expired)
            Forget(expired.Owner);
    }

    /// <summary>This process has given its lease back, and ends.</summary>
    /// <param name="incarnation">Empty for one of a release that has none.</param>
    public void Left(Guid incarnation)
    {
        if (incarnation == Guid.Empty || !left.Add(incarnation))
            return;
        leftInOrder.Enqueue(incarnation);
        if (left.Count > LeftRemembered)
            left.Remove(leftInOrder.Dequeue());
    }

    /// <summary>A claim of this process is older than its release: nobody would hold what it were granted.</summary>
    public bool HasLeft(Guid incarnation) => left.Contains(incarnation);

    /// <summary>It was not granted anything.</summary>
    public void Forget(NodeId owner)
    {
        known.Remove(owner);
        doubted.Remove(owner);
    }

    public static string Refusal(Claimer first, Claimer newcomer) =>
        $"node id {first.Owner} is in use on two hosts: {first} was there first and keeps its lease, {newcomer} is refused. "
        + $"If {newcomer.NodeName} is a copy, delete <state-dir>/node-id there and start it again";
}
