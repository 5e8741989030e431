using Akka.Event;
using Akka.Persistence;
using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.SubnetAllocator;

public sealed partial class SubnetAllocatorActor
{
    private void OnSnapshotOffer(SnapshotOffer offer)
    {
        table = LeaseTable.From((LedgerSnapshot)offer.Snapshot);
        if (table.Revision != offer.Metadata.SequenceNr)
            throw new InvalidOperationException($"the ledger's snapshot at {offer.Metadata.SequenceNr} is of revision {table.Revision}");
        snapshots.Saved(table.Revision);
    }

    private void SaveSnapshotIfDue()
    {
        if (snapshots.IsDue(table.Revision, table.Leases.Count))
            SaveSnapshot(table.ToSnapshot());
    }

    private void SnapshotAnswers()
    {
        Command<SaveSnapshotSuccess>(saved =>
        {
            long revision = saved.Metadata.SequenceNr;
            snapshots.Saved(revision);
            // The last event stays: its number is what the next one is counted from.
            if (mayForget)
                DeleteMessages(revision - 1);
            DeleteSnapshots(new SnapshotSelectionCriteria(revision - 1));
        });
        Command<SaveSnapshotFailure>(failed =>
        {
            snapshots.Failed(failed.Metadata.SequenceNr);
            log.Warning("No snapshot of the ledger at revision {Revision}: {Reason}. The journal has everything; opening it takes longer", failed.Metadata.SequenceNr, failed.Cause.Message);
        });
        Command<DeleteMessagesSuccess>(_ => { });
        Command<DeleteMessagesFailure>(failed => log.Warning("Events of the ledger that a snapshot covers cannot be deleted: {Reason}", failed.Cause.Message));
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(failed => log.Warning("Older snapshots of the ledger cannot be deleted: {Reason}", failed.Cause.Message));
    }
}
