using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Programs;

namespace AkkaOverlay.Actors.Extension;

/// <summary>How an operator's command is called, and what is told of its end.</summary>
internal static class CommandOutcome
{
    /// <summary>Characters of a command line that is shown.</summary>
    private const int LongestLine = 200;

    public static ProgramCall ToCall(PreparedCommand command, TimeSpan limit) =>
        new([.. command.Arguments], command.Environment.ToDictionary(value => value.Name, value => value.Value), command.Input, limit);

    /// <returns>One line; null where it did what was asked.</returns>
    public static string? Trouble(ExtensionStep step, ProgramResult result)
    {
        if (result.Failure is { } failure)
            return $"{step.Name}: {PlainText.Of(failure)}";
        if (result.ExitCode != 0)
            return $"{step.Name}: exit status {result.ExitCode}{(LastLine(result.Error) is { } line ? $": {line}" : "")}";
        return step is ExtensionStep.Pre && !ExtensionOffer.Carries(result.Output.Trim())
            ? $"{step.Name}: printed more than the {ExtensionOffer.MaxData} octets that a lease carries"
            : null;
    }

    public static string Show(PreparedCommand command) => PlainText.Of(string.Join(' ', command.Arguments), LongestLine);

    private static string? LastLine(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault() is { } line ? PlainText.Of(line) : null;
}
