using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.Cluster;

namespace AkkaOverlay.Actors.SubnetAllocator;

public sealed partial class SubnetAllocatorActor
{
    private const int FenceAttempts = 3;

    private static readonly TimeSpan FencePatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FencePause = TimeSpan.FromMilliseconds(500);

    private readonly ILedgerFence fence;
    private readonly AnswerGate gate = new();
    private int fenceFailures;

    /// <summary>Answers without an event: once the fence has said that this allocator still is the one.</summary>
    private void FromMemory(Action answer)
    {
        gate.Add(answer);
        AskFence();
    }

    private void AskFence()
    {
        while (gate.TryAsk(table.Revision))
        {
            var question = Ask(table.Revision);
            if (!question.IsCompletedSuccessfully || !question.Result)
            {
                question.WaitAsync(FencePatience).PipeTo(Self, success: holds => new FenceSaid(holds), failure: reason => new FenceFailed(reason));
                return;
            }
            fenceFailures = 0;
            gate.Open();
        }

        Task<bool> Ask(long revision)
        {
            try
            {
                return fence.HoldsAsync(revision);
            }
            catch (Exception e)
            {
                return Task.FromException<bool>(e);
            }
        }
    }

    private void OnFenceSaid(FenceSaid answer)
    {
        // No write is under way here: a persistent actor takes no message before its events are written. One that began and ended since the question was
        // asked proves as much as the fence could: the journal took our event as the next one.
        bool wroteSince = table.Revision > gate.Asked;
        if (!answer.Holds && !wroteSince)
        {
            log.Warning("Another allocator writes the ledger: this one stops at revision {Revision} and answers nothing more", table.Revision);
            Context.Stop(Self);
            return;
        }
        fenceFailures = 0;
        gate.Open();
        if (!answer.Holds)
            gate.Add(() => { });
        AskFence();
    }

    private void OnFenceFailed(FenceFailed failure)
    {
        if (++fenceFailures >= FenceAttempts)
        {
            log.Error("Cannot find out whether another allocator writes the ledger ({Reason}): this one stops and answers nothing more", failure.Reason.GetBaseException().Message);
            Context.Stop(Self);
            return;
        }
        gate.Retry();
        Timers.StartSingleTimer(nameof(FenceAgain), FenceAgain.Instance, FencePause);
    }

    private sealed record FenceSaid(bool Holds) : INoSerializationVerificationNeeded;

    private sealed record FenceFailed(Exception Reason) : INoSerializationVerificationNeeded;

    private sealed class FenceAgain : IDeadLetterSuppression
    {
        public static readonly FenceAgain Instance = new();
    }
}
