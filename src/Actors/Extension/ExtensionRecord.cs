using System.Collections.Immutable;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Extension;

/// <summary>What PreStartupCommand printed.</summary>
/// <param name="Command">As the configuration has it.</param>
public sealed record PublishedData(ExtensionCommand Command, string Data);

/// <param name="Done">Its Add has succeeded, and nothing has begun since that may have undone it.</param>
/// <param name="WasDone">Its Add has succeeded once: there is something to undo.</param>
public sealed record CarriedOut(ExtensionPeer Peer, bool Done, bool WasDone);

/// <summary>What was carried out on this host since it booted. Written before a command begins and after it has ended, so that a restart neither repeats nor forgets.</summary>
public sealed record ExtensionRecord
{
    public static readonly ExtensionRecord Empty = new();

    /// <summary>Null where none was run.</summary>
    public PreparedCommand? Pre { get; init; }

    /// <summary>What <see cref="Pre"/> printed.</summary>
    public PublishedData? Published { get; init; }

    public PreparedCommand? Post { get; init; }

    /// <summary>What is left to be run when everything else is undone.</summary>
    public PreparedCommand? Shutdown { get; init; }

    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(ExtensionConfig.DefaultTimeout);

    public ImmutableDictionary<NodeId, CarriedOut> Peers { get; init; } = ImmutableDictionary<NodeId, CarriedOut>.Empty;

    public bool IsEmpty => Pre is null && Post is null && Shutdown is null && Peers.IsEmpty;

    /// <summary>Before the step is taken: from now on it may have been, and what it may have undone counts as done no more.</summary>
    /// <returns>The same record where it says so already.</returns>
    public ExtensionRecord Began(ExtensionStep step) => step switch
    {
        ExtensionStep.Pre => Unsettled() with { Pre = null, Post = null },
        ExtensionStep.Post => Unsettled() with { Post = null },
        ExtensionStep.Add { Node: var node, Peer: var peer } => With(node, Peers.GetValueOrDefault(node) is { } before && before.Peer == peer ? before : new CarriedOut(peer, false, false)),
        ExtensionStep.Remove { Node: var node, Peer: var peer } => With(node, Peers.GetValueOrDefault(node) ?? new CarriedOut(peer, false, false)),
        ExtensionStep.Shutdown => Unsettled() with { Pre = null, Post = null, Published = null },
        _ => throw Placeless(step),
    };

    /// <param name="output">What it printed.</param>
    public ExtensionRecord Succeeded(ExtensionStep step, string output) => step switch
    {
        ExtensionStep.Pre pre => this with { Pre = pre.Command, Published = new PublishedData(pre.Text, output.Trim()) },
        ExtensionStep.Post post => this with { Post = post.Command },
        ExtensionStep.Add add => this with { Peers = Peers.SetItem(add.Node, new CarriedOut(add.Peer, Done: true, WasDone: true)) },
        ExtensionStep.Remove remove => this with { Peers = Peers.Remove(remove.Node) },
        ExtensionStep.Shutdown => Empty with { TimeLimit = TimeLimit, Peers = Peers },
        _ => throw Placeless(step),
    };

    private ExtensionRecord With(NodeId node, CarriedOut begun) => this with { Peers = Peers.SetItem(node, begun with { Done = false }) };

    /// <summary>A command of this host itself may take away what the peers' commands made: a device, with every route by it.</summary>
    private ExtensionRecord Unsettled() => Peers.Where(peer => peer.Value.Done).Aggregate(this, (now, peer) => now.With(peer.Key, peer.Value));

    private static ArgumentException Placeless(ExtensionStep? step) => new($"{step} has no place in the record.", nameof(step));
}
