using Akka.Actor;
using AkkaOverlay.Actors.Cluster;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>The ledger on a majority of the core: every core host keeps a copy in a file of its own, and the allocator's host writes to all of them.</summary>
/// <param name="file">This host's copy.</param>
/// <param name="self">This host's seat: address and port.</param>
/// <param name="bootstrap">See <see cref="WriterSettings"/>.</param>
public sealed class QuorumLedgerJournal(string file, string self, SeedList seeds, bool bootstrap) : ILedgerJournal
{
    private readonly LedgerFile seat = new(file);

    /// <summary>Where this host's copy is kept that was found damaged; null where it was not.</summary>
    public string? SetAside { get; private set; }

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

    /// <summary>A damaged copy is set aside: a new one claims nothing, and the others enrol it.</summary>
    /// <exception cref="LedgerFileException">It cannot be used and is not damaged: a newer release's, or a disk that refuses.</exception>
    public void Prepare() => SetAside = seat.PrepareOrSetAside() ?? SetAside;

    public ILedgerFence Attach(ActorSystem system)
    {
        var ownSeat = system.ActorOf(JournalSeatActor.Props(seeds), JournalSeatActor.Name);
        var writer = system.ActorOf(LedgerWriterActor.Props(new WriterSettings(self, seeds.Seats, bootstrap), ownSeat), LedgerWriterActor.Name);
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
