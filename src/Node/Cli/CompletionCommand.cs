using System.CommandLine;

namespace AkkaOverlay.Node.Cli;

/// <summary><c>akka-overlay completion bash|zsh</c>: the script with which a shell completes our commands. It asks this program for each word.</summary>
internal static class CompletionCommand
{
    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash or zsh." };
        shell.AcceptOnlyFromAmong("bash", "zsh");
        var command = new Command("completion", "Print a shell's completion script: source <(akka-overlay completion bash)") { shell };
        command.SetAction(parsed =>
        {
            using var script = typeof(CompletionCommand).Assembly.GetManifestResourceStream($"completion.{parsed.GetValue(shell)}")!;
            using var output = Console.OpenStandardOutput();
            script.CopyTo(output);
        });
        return command;
    }
}
