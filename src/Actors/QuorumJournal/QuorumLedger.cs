using Akka.Actor;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>What the journal plugin and the snapshot store of one actor system share: they are made by Akka, from their configuration alone.</summary>
internal sealed class QuorumLedger : IExtension
{
    /// <summary>A little more than the writer itself takes to give up.</summary>
    public static readonly TimeSpan Timeout = LedgerWriter.Patience + TimeSpan.FromSeconds(3);

    public IActorRef Writer { get; set; } = ActorRefs.Nobody;

    /// <summary>The log that the allocator recovers from; nobody reads it afterwards.</summary>
    public LedgerLog? Opened { get; set; }

    public static QuorumLedger Of(ActorSystem system) => system.WithExtension<QuorumLedger, Provider>();

    public async Task<LedgerLog> OpenAsync()
    {
        Opened = null;
        Opened = (await Writer.Ask<LedgerWriterProtocol.LedgerOpened>(LedgerWriterProtocol.OpenLedger.Instance, Timeout * 2)).Log;
        return Opened;
    }

    public sealed class Provider : ExtensionIdProvider<QuorumLedger>
    {
        public override QuorumLedger CreateExtension(ExtendedActorSystem system) => new();
    }
}
