using Akka.Actor;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>The ledger on a majority of the core: every core host keeps a copy in a file of its own, and the allocator's host writes to all of them.</summary>
/// <param name="file">This host's copy.</param>
/// <param name="self">This host's seat: address and port.</param>
/// <param name="bootstrap">See <see cref="WriterSettings"/>.</param>
/// <param name="mark">Which ledger this host has, or had.</param>
public sealed class QuorumLedgerJournal(string file, string self, SeedList seeds, bool bootstrap, LedgerMarkFile mark) : ILedgerJournal
{
    private readonly LedgerFile seat = new(file);

    /// <summary>The ledger of a core of one, which a quorum that is founded shall go on with.</summary>
    public SingleLedger? Brought { get; init; }

    /// <summary>Whose ledger it is.</summary>
    public NetworkName Network { get; init; }

    public string Hocon => $$"""
        {{SqlPlugins.Hocon(seat.ConnectionString, "SQLite.MS", more: "auto-initialize = true")}}
        akka.persistence {
          journal.plugin = "akka-overlay.quorum-journal"
          snapshot-store.plugin = "akka-overlay.quorum-snapshot-store"
        }
        akka-overlay {
          quorum-journal {
            class = "{{typeof(QuorumJournalPlugin).FullName}}, {{typeof(QuorumJournalPlugin).Assembly.GetName().Name}}"
            plugin-dispatcher = "akka.actor.default-dispatcher"
            replay-filter.mode = off
            circuit-breaker {
              max-failures = 1000
              call-timeout = 30s
              reset-timeout = 1s
            }
          }
          quorum-snapshot-store {
            class = "{{typeof(QuorumSnapshotStore).FullName}}, {{typeof(QuorumSnapshotStore).Assembly.GetName().Name}}"
            plugin-dispatcher = "akka.actor.default-dispatcher"
            circuit-breaker {
              max-failures = 1000
              call-timeout = 60s
              reset-timeout = 1s
            }
          }
        }
        """;

    /// <summary>A writer is fenced by its epoch: the numbers of old entries guard nothing.</summary>
    public bool MayForget => true;

    /// <summary>Without an id while this host has no copy of the ledger: such a one belongs to any.</summary>
    public LedgerIdentity Identity => mark.Current is { Lost: false, Of: { Kind: LedgerIdentity.Quorum } held } ? held : new LedgerIdentity(LedgerIdentity.Quorum, null);

    /// <summary>A damaged copy is set aside: a new one claims nothing, and the others enrol it.</summary>
    /// <exception cref="LedgerFileException">It cannot be used and is not damaged: a newer release's, or a disk that refuses.</exception>
    public string? Prepare()
    {
        if (mark.Current is not null && !File.Exists(file))
            mark.Lose();
        return seat.PrepareOrSetAside(before: mark.Lose) is { } broken
            ? $"this host's copy of the ledger was damaged and is kept as {broken}: a new one begins, which counts once the other seats have enrolled it"
            : null;
    }

    public ILedgerFence Attach(ActorSystem system)
    {
        var files = new SeatFiles(mark, seat.SetAside.ToEquatableArray(), Brought);
        var ownSeat = system.ActorOf(JournalSeatActor.Props(seeds, files), JournalSeatActor.NameIn(Network));
        var writer = system.ActorOf(LedgerWriterActor.Props(new WriterSettings(self, seeds.Seats, bootstrap), ownSeat, Network), LedgerWriterActor.Name);
        QuorumLedger.Of(system).Writer = writer;
        return new Fence(writer);
    }

    private sealed class Fence(IActorRef writer) : ILedgerFence
    {
        public async Task<bool> HoldsAsync(long revision) =>
            (await writer.Ask<LedgerWriterProtocol.Holds>(new LedgerWriterProtocol.ConfirmLedger(revision), QuorumLedger.Timeout)).Still;

        public void Release() => writer.Tell(LedgerWriterProtocol.ReleaseLedger.Instance);
    }
}
