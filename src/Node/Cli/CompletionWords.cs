using System.CommandLine;

namespace AkkaOverlay.Node.Cli;

/// <summary>
/// What may stand in the place of the last of some words. The library's own answer (<c>[suggest]</c>) takes a word that is complete for one that is over: for
/// "cluster down" it does not offer "down-unreachable".
/// </summary>
internal static class CompletionWords
{
    /// <param name="words">Behind the program's name; the last one is being typed, and may be empty.</param>
    public static IReadOnlyList<string> For(RootCommand root, IReadOnlyList<string> words)
    {
        string word = words.Count > 0 ? words[^1] : "";
        string[] before = [.. words.Take(words.Count - 1)];
        var (command, open) = Walk(root, before);
        var parsed = root.Parse(before);
        int equals = word.StartsWith("--", StringComparison.Ordinal) ? word.IndexOf('=', StringComparison.Ordinal) : -1;
        if (equals > 0)
            return [.. Fitting(word, Values(OptionOf(command, word[..equals]), parsed).Select(value => $"{word[..(equals + 1)]}{value}"))];
        // A value that must follow leaves room for nothing else.
        if (open is { Arity.MinimumNumberOfValues: > 0 })
            return [.. Fitting(word, Values(open, parsed))];
        var others = word.StartsWith('-')
            ? OptionsOf(command).Where(option => !option.Hidden).SelectMany(option => (string[])[option.Name, .. option.Aliases]).Where(name => name.StartsWith(word.StartsWith("--", StringComparison.Ordinal) || word.Length < 2 ? "--" : "-", StringComparison.Ordinal))
            : command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name).Concat(command.Arguments.SelectMany(argument => argument.GetCompletions(parsed.GetCompletionContext())).Select(item => item.InsertText ?? item.Label));
        return [.. Fitting(word, Values(open, parsed).Concat(others))];
    }

    /// <returns>The command that the words lead to, and the option whose value comes next.</returns>
    private static (Command Command, Option? Open) Walk(Command root, IEnumerable<string> words)
    {
        var command = root;
        Option? open = null;
        foreach (string word in words)
        {
            bool isValue = open is { Arity.MinimumNumberOfValues: > 0 };
            open = isValue ? null : OptionOf(command, word) is { Arity.MaximumNumberOfValues: > 0 } option ? option : null;
            if (!isValue && open is null && command.Subcommands.FirstOrDefault(sub => sub.Name == word) is { } next)
                command = next;
        }
        return (command, open);
    }

    private static IEnumerable<Option> OptionsOf(Command command)
    {
        var help = command.Parents.OfType<Command>().SelectMany(OptionsOf).Where(option => option.Recursive);
        return command.Options.Concat(help);
    }

    private static Option? OptionOf(Command command, string name) => OptionsOf(command).FirstOrDefault(option => option.Name == name || option.Aliases.Contains(name));

    private static IEnumerable<string> Values(Option? option, ParseResult parsed) =>
        option is null || option.ValueType == typeof(bool) ? [] : option.GetCompletions(parsed.GetCompletionContext()).Select(item => item.InsertText ?? item.Label);

    private static IEnumerable<string> Fitting(string word, IEnumerable<string> candidates) =>
        candidates.Where(candidate => candidate.StartsWith(word, StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal);
}
