using AkkaOverlay.Chaos.History;
using AkkaOverlay.Chaos.Run;
using AkkaOverlay.Node.Api;

namespace AkkaOverlay.Chaos.Watch;

/// <summary>How a host stands when nothing is done to it any more.</summary>
internal static class EndStates
{
    public static async Task<EndState> OfAsync(ChaosHost host)
    {
        try
        {
            var status = await host.Lab.Api.StatusAsync();
            var ledger = await host.Lab.Api.LeasesAsync();
            var members = await host.Lab.Api.MembersAsync();
            return new EndState(
                host.Name,
                null,
                status.Ready,
                status.Node,
                status.Lease?.Subnet,
                [.. members.Members.Select(member => $"{member.Node}#{member.NodeUid} {member.Status}").Order(StringComparer.Ordinal)],
                members.Unreachable.Count,
                ledger.Live,
                ledger.Revision,
                Seen(ledger),
                await IpRoutes.OfAsync(host.Lab));
        }
        catch (ApiException e)
        {
            return new EndState(host.Name, host.IsRunning ? e.Message : "it does not run", false, null, null, [], 0, false, 0, [], []);
        }
    }

    public static IReadOnlyList<LeaseSeen> Seen(LedgerModel ledger) =>
        [.. ledger.Leases.Where(lease => lease.Subnet is not null).Select(lease => new LeaseSeen(lease.Node, lease.Subnet!, lease.Generation, lease.PublicIp))];
}
