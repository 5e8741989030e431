using System.CommandLine;

namespace AkkaOverlay.Node.Cli;

/// <summary><c>akka-overlay completion bash|zsh</c>: the script with which a shell completes our commands. It asks this program for each word.</summary>
internal static class CompletionCommand
{
    /// <param name="root">What is completed; asked when everything is in it.</param>
    public static Command Create(Func<RootCommand> root)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash or zsh." };
        shell.AcceptOnlyFromAmong("bash", "zsh");
        var words = new Command("words", "What may stand in the place of the last word, one a line.") { Hidden = true };
        var typed = new Argument<string[]>("WORD") { Arity = ArgumentArity.ZeroOrMore };
        words.Add(typed);
        words.SetAction(parsed =>
        {
            foreach (string word in CompletionWords.For(root(), parsed.GetValue(typed) ?? []))
                Console.WriteLine(word);
        });
        var command = new Command("completion", "Print a shell's completion script: source <(akka-overlay completion bash)") { shell, words };
        command.SetAction(parsed =>
        {
            using var script = typeof(CompletionCommand).Assembly.GetManifestResourceStream($"completion.{parsed.GetValue(shell)}")!;
            using var output = Console.OpenStandardOutput();
            script.CopyTo(output);
        });
        return command;
    }
}
