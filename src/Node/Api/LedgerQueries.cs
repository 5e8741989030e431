using Akka.Actor;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Node.Api;

/// <summary>What came of an operator's wish.</summary>
/// <param name="Reached">False where the allocator did not answer: nobody knows whether it was done.</param>
public sealed record LedgerAnswer(bool Reached, bool Done, string Text);

/// <summary>Asks the allocator, wherever in the cluster it is, what only it knows, and tells it what an operator wants.</summary>
public sealed class LedgerQueries(IActorRef supervisor)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>A name in the overlay system: the allocator's proxy on this host.</summary>
    private const string AllocatorProxy = "/user/allocator-proxy";

    /// <returns>Every lease, quarantine and reservation; null where the allocator does not answer.</returns>
    public async Task<LedgerModel?> Ledger()
    {
        if (await Allocator() is not { } allocator)
            return null;
        var leases = new List<LeaseModel>();
        long revision;
        IpPrefix? after = null;
        do
        {
            if (await Ask(allocator, new LeaseProtocol.Describe(null, after)) is not LeaseProtocol.Described page)
                return null;
            leases.AddRange(page.Leases.Select(ToModel));
            revision = page.Revision;
            after = page.Next;
        }
        while (after is not null);
        return new LedgerModel(true, revision, leases);
    }

    /// <returns>The subnet's lease, or why there is none to show.</returns>
    public async Task<(LeaseModel? Lease, LedgerAnswer Answer)> Show(IpPrefix subnet)
    {
        object? answer = await Allocator() is { } allocator ? await Ask(allocator, new LeaseProtocol.Describe(subnet, null)) : null;
        return answer is LeaseProtocol.Described { Leases.Count: 1 } described ? (ToModel(described.Leases[0]), ToAnswer(answer)) : (null, ToAnswer(answer));
    }

    public Task<LedgerAnswer> Reserve(IpPrefix subnet, string host) => Tell(new LeaseProtocol.Reserve(subnet, host));

    public Task<LedgerAnswer> Unreserve(IpPrefix subnet) => Tell(new LeaseProtocol.Unreserve(subnet));

    public Task<LedgerAnswer> Release(IpPrefix subnet, bool force) => Tell(new LeaseProtocol.EndLease(subnet, force));

    /// <param name="patience">Three seconds where none is given.</param>
    /// <returns>Null where it does not answer.</returns>
    internal async Task<object?> AskAllocator(object question, TimeSpan? patience = null) => await Allocator() is { } allocator ? await Ask(allocator, question, patience) : null;

    private async Task<LedgerAnswer> Tell(object wish) => ToAnswer(await AskAllocator(wish));

    internal static LedgerAnswer ToAnswer(object? answer) => answer switch
    {
        LeaseProtocol.Done done => new LedgerAnswer(true, true, done.Text),
        LeaseProtocol.Described => new LedgerAnswer(true, true, ""),
        LeaseProtocol.Refused refused => new LedgerAnswer(true, false, refused.Text),
        _ => new LedgerAnswer(false, false, "the allocator does not answer: is a majority of the core up, and does this host reach it ('cluster show')?"),
    };

    private async Task<ActorSelection?> Allocator() =>
        (await supervisor.Ask<OverlaySupervisor.Overlay>(OverlaySupervisor.GetOverlay.Instance, Patience)).System?.System.ActorSelection(AllocatorProxy);

    private static async Task<object?> Ask(ActorSelection allocator, object question, TimeSpan? patience = null)
    {
        try
        {
            return await allocator.Ask<object>(question, patience ?? Patience);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    private static LeaseModel ToModel(LeaseDescription described) => new(
        described.Subnets.IPv4?.ToString(),
        described.Subnets.IPv6?.ToString(),
        described.Owner?.ToString() ?? "",
        described.Host ?? "",
        described.Lease?.Public.IPv4?.ToString(),
        described.Lease?.Public.IPv6?.ToString(),
        [.. (described.Lease?.Offers ?? []).Select(offer => offer.BackEnd)],
        described.Lease?.Generation ?? 0)
    {
        State = described.State.ToString().ToLowerInvariant(),
        ReservedFor = described.ReservedFor,
        QuarantineLeftSeconds = described.QuarantineLeft?.TotalSeconds,
        LastSeenSeconds = described.Unseen?.TotalSeconds,
    };
}
