using System.Collections.Immutable;
using AkkaOverlay.Actors.Cleanup;
using AkkaOverlay.Kernel.Programs;

namespace AkkaOverlay.Actors.Extension;

/// <summary>Undoes what the operator's commands did on this host, by the commands that were kept with it: no configuration is asked. Meant for a host on which no node runs.</summary>
public sealed class ExtensionCleanup(ExtensionFile file, IProgramRunner programs)
{
    private readonly ImmutableArray<RemovedObject>.Builder removed = ImmutableArray.CreateBuilder<RemovedObject>();
    private readonly ImmutableArray<string>.Builder errors = ImmutableArray.CreateBuilder<string>();
    private ExtensionRecord record = file.Last;

    /// <exception cref="IOException">What is left cannot be kept; so does <see cref="UnauthorizedAccessException"/>.</exception>
    public async Task<CleanupOutcome> RunAsync()
    {
        if (file.Trouble is { } trouble)
            return new CleanupOutcome([], [$"{trouble}: no command was run; undo by hand what they did, then delete the file"]);
        foreach (var step in ExtensionPlan.Due(null, mayRemove: true, record).OfType<ExtensionStep.Remove>())
            await UndoAsync(step);
        // Also where a peer's command failed: this one may well take the whole device away.
        if (record is not { Pre: null, Post: null, Shutdown: null })
            await UndoAsync(new ExtensionStep.Shutdown(record.Shutdown));
        return new CleanupOutcome(removed.ToImmutable(), errors.ToImmutable());
    }

    private async Task UndoAsync(ExtensionStep step)
    {
        record = record.Began(step);
        file.Save(record);
        string? reason = step.Command is null ? null : CommandOutcome.Trouble(step, await programs.RunAsync(CommandOutcome.ToCall(step.Command, record.TimeLimit), CancellationToken.None));
        if (reason is not null)
        {
            errors.Add(reason);
            return;
        }
        record = record.Succeeded(step, "");
        file.Save(record);
        if (step.Command is not null)
            removed.Add(new RemovedObject("command", step.Name));
    }
}
