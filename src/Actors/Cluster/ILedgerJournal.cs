using Akka.Actor;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>Where the allocator's events go: the one thing by which a ledger on one host differs from one on a majority of hosts or in a database.</summary>
public interface ILedgerJournal
{
    /// <summary>HOCON that makes this the default journal and the default snapshot store.</summary>
    string Hocon { get; }

    /// <summary>
    /// Events that a snapshot covers may be deleted. False where the sequence number alone fences a second writer: a number that was deleted could be
    /// written again.
    /// </summary>
    bool MayForget { get; }

    /// <summary>As far as it is known now: the core's hosts compare it before they join each other.</summary>
    LedgerIdentity Identity { get; }

    /// <summary>Makes ready what must be there before an actor system starts; once for each of them in a process.</summary>
    /// <returns>One line for the operator where something was not as it should be, and is mended; mostly null.</returns>
    /// <exception cref="IOException">It cannot be made ready; the message is for the operator.</exception>
    string? Prepare();

    /// <summary>Starts what the journal needs in a new overlay system, before its allocator.</summary>
    ILedgerFence Attach(ActorSystem system);
}

/// <summary>Tells an allocator that has nothing to write whether it is still the one that may: an answer from memory is only as good as that.</summary>
public interface ILedgerFence
{
    /// <summary>
    /// True when at some moment after the call the journal's last event was still this one, and no other writer had taken the journal over. False when
    /// another has: the allocator must stop.
    /// </summary>
    /// <param name="revision">Sequence number of the last event that the asking allocator has.</param>
    /// <exception cref="Exception">It cannot be found out now.</exception>
    Task<bool> HoldsAsync(long revision);

    /// <summary>The allocator of this host has ended: its journal must not disturb the next one's.</summary>
    void Release();
}

/// <summary>For a journal that only one host can reach.</summary>
public sealed class NoFence : ILedgerFence
{
    public static readonly NoFence Instance = new();

    public Task<bool> HoldsAsync(long revision) => Task.FromResult(true);

    public void Release()
    {
    }
}
