using System.Net;
using AkkaOverlay.Actors.Claimant;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>What the overlay actor system is made with.</summary>
/// <param name="Address">Where the others reach this node's Akka port.</param>
/// <param name="Bind">Where it listens; differs from <paramref name="Address"/> behind NAT.</param>
/// <param name="Core">What a core host has in addition; null on a plain one.</param>
/// <param name="Roles">The operator's own, beside "core".</param>
public sealed record OverlaySettings(
    IPAddress Address,
    IPAddress Bind,
    int Port,
    SeedList Seeds,
    CoreSettings? Core,
    IReadOnlyList<string> Roles,
    ClaimSettings Claim)
{
    public const string CoreRole = "core";
}

/// <param name="Journal">Where the ledger is written.</param>
/// <param name="Network">From this host's net-conf.json: becomes the ledger's where it has none.</param>
public sealed record CoreSettings(ILedgerJournal Journal, NetworkConfig Network);

/// <summary>Where the allocator's events go: the one thing by which a ledger on one host differs from one on a majority of hosts or in a database.</summary>
public interface ILedgerJournal
{
    /// <summary>HOCON that makes this the default journal.</summary>
    string Hocon { get; }

    /// <summary>Makes ready what must be there before an actor system starts.</summary>
    /// <exception cref="IOException">It cannot be made ready; the message is for the operator.</exception>
    void Prepare();
}
