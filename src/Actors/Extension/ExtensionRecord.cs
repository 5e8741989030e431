using System.Collections.Immutable;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Extension;

/// <summary>What PreStartupCommand printed.</summary>
/// <param name="Command">As the configuration has it.</param>
public sealed record PublishedData(ExtensionCommand Command, string Data);

/// <param name="Done">False from the moment on at which its Add may have begun, until it has succeeded.</param>
public sealed record CarriedOut(ExtensionPeer Peer, bool Done);

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

    /// <summary>Before the step is taken: from now on it may have been.</summary>
    public ExtensionRecord Began(ExtensionStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return step is ExtensionStep.Add { Node: var node, Peer: var peer } ? this with { Peers = Peers.SetItem(node, new CarriedOut(peer, Done: false)) } : this;
    }

    /// <param name="output">What it printed.</param>
    public ExtensionRecord Succeeded(ExtensionStep step, string output) => step switch
    {
        ExtensionStep.Pre pre => this with { Pre = pre.Command, Published = new PublishedData(pre.Text, output.Trim()) },
        ExtensionStep.Post post => this with { Post = post.Command },
        ExtensionStep.Add add => this with { Peers = Peers.SetItem(add.Node, new CarriedOut(add.Peer, Done: true)) },
        ExtensionStep.Remove remove => this with { Peers = Peers.Remove(remove.Node) },
        ExtensionStep.Shutdown => Empty,
        _ => throw new ArgumentException($"{step} has no place in the record.", nameof(step)),
    };
}
