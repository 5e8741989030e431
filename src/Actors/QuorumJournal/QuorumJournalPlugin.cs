using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Journal;
using Akka.Serialization;
using Google.Protobuf;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>Akka.Persistence's view of the quorum journal: one persistent actor's events, on a majority of the seats.</summary>
public sealed class QuorumJournalPlugin : AsyncWriteJournal
{
    private readonly QuorumLedger ledger = QuorumLedger.Of(Context.System);
    private readonly Serialization serialization = Context.System.Serialization;

    public QuorumJournalPlugin(Config config) => _ = config;

    /// <summary>The snapshot was loaded just before, which opened the ledger.</summary>
    public override async Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken) =>
        (ledger.Opened ?? await ledger.OpenAsync()).LastSeq;

    public override Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback)
    {
        var log = ledger.Opened ?? throw new IOException("the ledger is closed");
        ledger.Opened = null;
        foreach (var entry in log.Entries.Where(entry => entry.Seq >= fromSequenceNr && entry.Seq <= toSequenceNr))
        {
            if (max-- <= 0)
                break;
            recoveryCallback(new Persistent(Read(serialization, entry.Payload), entry.Seq, persistenceId, sender: ActorRefs.NoSender));
        }
        return Task.CompletedTask;
    }

    internal static Payload Write(Serialization serialization, object content)
    {
        var serializer = serialization.FindSerializerFor(content);
        string manifest = Serialization.ManifestFor(serializer, content);
        return new Payload(serializer.Identifier, manifest, UnsafeByteOperations.UnsafeWrap(serializer.ToBinary(content)));
    }

    internal static object Read(Serialization serialization, Payload payload) =>
        serialization.Deserialize(payload.Bytes.ToByteArray(), payload.Serializer, payload.Manifest);

    protected override async Task<IImmutableList<Exception?>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        var entries = messages
            .SelectMany(write => (IImmutableList<IPersistentRepresentation>)write.Payload)
            .Select(message => new LogEntry(message.SequenceNr, Write(serialization, message.Payload)))
            .ToList();
        await ledger.Writer.Ask<LedgerWriterProtocol.Done>(new LedgerWriterProtocol.AppendEntries(entries), QuorumLedger.Timeout, cancellationToken);
        return null!;
    }

    /// <summary>The snapshot that made them superfluous has deleted them.</summary>
    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken) => Task.CompletedTask;
}
