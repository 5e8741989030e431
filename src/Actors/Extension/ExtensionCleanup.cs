using System.Collections.Immutable;
using AkkaOverlay.Actors.Cleanup;
using AkkaOverlay.Kernel.Programs;

namespace AkkaOverlay.Actors.Extension;

/// <summary>Undoes what the operator's commands did on this host, by the commands that were kept with it: no configuration is asked. Meant for a host on which no node runs.</summary>
public sealed class ExtensionCleanup(ExtensionFile file, IProgramRunner programs)
{
    /// <exception cref="IOException">What is left cannot be kept; so does <see cref="UnauthorizedAccessException"/>.</exception>
    public async Task<CleanupOutcome> RunAsync()
    {
        var removed = ImmutableArray.CreateBuilder<RemovedObject>();
        var errors = ImmutableArray.CreateBuilder<string>();
        if (file.Trouble is { } trouble)
            errors.Add(trouble);
        var record = file.Last;
        // The peers', and once nothing of them is left the last one.
        for (int round = 0; round < 2 && errors.Count == 0; round++)
        {
            foreach (var step in ExtensionPlan.Due(null, mayRemove: true, record))
            {
                string? reason = step.Command is null ? null : CommandOutcome.Trouble(step, await programs.RunAsync(CommandOutcome.ToCall(step.Command, record.TimeLimit), CancellationToken.None));
                if (reason is not null)
                {
                    errors.Add(reason);
                    continue;
                }
                record = record.Succeeded(step, "");
                if (step.Command is not null)
                    removed.Add(new RemovedObject("command", step.Name));
            }
        }
        file.Save(record);
        return new CleanupOutcome(removed.ToImmutable(), errors.ToImmutable());
    }
}
