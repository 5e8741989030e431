using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace AkkaOverlay.Actors.Tests.SubnetAllocator;

/// <summary>The in-memory journal with a hand on its write side.</summary>
public sealed class TestJournal : MemoryJournal
{
    public const string Hocon = """
        akka.test.single-expect-default = 15s
        akka.persistence.journal.plugin = "test-journal"
        akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
        test-journal {
          class = "AkkaOverlay.Actors.Tests.SubnetAllocator.TestJournal, AkkaOverlay.Actors.Tests"
          plugin-dispatcher = "akka.actor.default-dispatcher"
        }
        """;

    private bool failing;
    private TaskCompletionSource? held;

    public sealed record Fail(bool On);

    /// <summary>Writes wait until <see cref="LetGo"/>.</summary>
    public sealed record Hold;

    public sealed record LetGo;

    public sealed record Obeyed;

    protected override bool ReceivePluginInternal(object message)
    {
        switch (message)
        {
            case Fail fail:
                failing = fail.On;
                break;
            case Hold:
                held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                break;
            case LetGo:
                held?.SetResult();
                held = null;
                break;
            default:
                return base.ReceivePluginInternal(message);
        }
        Sender.Tell(new Obeyed());
        return true;
    }

    protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        if (failing)
            throw new IOException("the disk is full");
        if (held is { } gate)
            await gate.Task;
        return await base.WriteMessagesAsync(messages, cancellationToken);
    }
}
