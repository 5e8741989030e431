using System.Text.Json;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Node.Api;

/// <summary>The network's configuration: asked of the allocator, and set by it.</summary>
public sealed class NetworkQueries(LedgerQueries ledger, NodeQueries node)
{
    /// <summary>The allocator first hears how things stand on every host.</summary>
    private static readonly TimeSpan SetPatience = TimeSpan.FromSeconds(9);

    /// <returns>Where the allocator does not answer: what this host has. Null where it has nothing.</returns>
    public async Task<NetworkModel?> Show()
    {
        if (await ledger.AskAllocator(new LeaseProtocol.DescribeNetwork()) is LeaseProtocol.NetworkDescribed described)
        {
            return new NetworkModel(
                described.Network.Version,
                described.TrialLeft is null ? "in use" : "on trial",
                Effective(described.Network.Config),
                described.Since,
                described.TrialLeft?.TotalSeconds,
                described.TakenBack,
                described.Hosts,
                described.Applied,
                [.. described.Waiting]);
        }
        return (await node.HostStatus()).Network is not { } known ? null
            : new NetworkModel(known.Version, "in use", Effective(known.Config), null, null, null, null, null, []) { Note = "the allocator does not answer: this is what this host has" };
    }

    /// <returns>What changes, or why nothing does.</returns>
    public async Task<(NetworkChangeModel? Change, LedgerAnswer Answer)> Set(long comparedWith, NetworkConfig config, bool dryRun, IReadOnlyList<string> warnings)
    {
        object? answer = await ledger.AskAllocator(new LeaseProtocol.SetNetwork(comparedWith, config, dryRun), SetPatience);
        return answer is LeaseProtocol.NetworkCompared compared
            ? (new NetworkChangeModel(compared.Version, compared.Written, [.. compared.Changes.Select(NetworkChangeModel.ToModel)], compared.Hosts, warnings), new LedgerAnswer(true, true, ""))
            : (null, LedgerQueries.ToAnswer(answer));
    }

    private static JsonElement Effective(NetworkConfig config)
    {
        using var document = JsonDocument.Parse(NetConf.ToEffectiveJson(config));
        return document.RootElement.Clone();
    }
}
