using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Snapshot;
using Akka.Serialization;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>The ledger's snapshot is the beginning of its log, on the same seats: loading it is what opens the ledger.</summary>
public sealed class QuorumSnapshotStore : SnapshotStore
{
    private readonly QuorumLedger ledger = QuorumLedger.Of(Context.System);
    private readonly Serialization serialization = Context.System.Serialization;

    public QuorumSnapshotStore(Config config) => _ = config;

    protected override async Task<SelectedSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken)
    {
        var log = await ledger.OpenAsync();
        return log.Snapshot is { } snapshot
            ? new SelectedSnapshot(new SnapshotMetadata(persistenceId, log.BaseSeq, DateTime.UnixEpoch), QuorumJournalPlugin.Read(serialization, snapshot))
            : null;
    }

    protected override Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken) =>
        ledger.Writer.Ask<LedgerWriterProtocol.Done>(
            new LedgerWriterProtocol.CompactLedger(metadata.SequenceNr, QuorumJournalPlugin.Write(serialization, snapshot)), TimeSpan.FromMinutes(1), cancellationToken);

    /// <summary>There is one snapshot, and the next takes its place.</summary>
    protected override Task DeleteAsync(SnapshotMetadata metadata, CancellationToken cancellationToken) => Task.CompletedTask;

    protected override Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken) => Task.CompletedTask;
}
