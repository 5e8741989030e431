using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Options;
using Spectre.Console;

namespace AkkaOverlay.Node.Cli;

/// <summary>What the reading commands share: where the node is asked, and how its answer is shown.</summary>
internal static class Output
{
    /// <summary>A command that asks the local node one thing, with <c>--run-dir</c>, <c>--json</c> and <c>--watch</c>.</summary>
    public static Command Query<T>(string name, string description, Func<ApiClient, CancellationToken, Task<T>> ask, JsonTypeInfo<T> type, Action<T> show) =>
        Query(name, description, (client, _, cancel) => ask(client, cancel), type, show);

    /// <inheritdoc cref="Query{T}(string, string, Func{ApiClient, CancellationToken, Task{T}}, JsonTypeInfo{T}, Action{T})"/>
    /// <param name="judging">A switch with which the answer decides how the command ends.</param>
    /// <param name="isGood">What it has to be for status 0.</param>
    public static Command Query<T>(
        string name, string description, Func<ApiClient, CancellationToken, Task<T>> ask, JsonTypeInfo<T> type, Action<T> show,
        (string Name, string Description) judging, Func<T, bool> isGood)
    {
        var option = new Option<bool>(judging.Name) { Description = judging.Description };
        var command = Query(name, description, (client, _, cancel) => ask(client, cancel), type, show, (parsed, answer) => !parsed.GetValue(option) || isGood(answer));
        command.Add(option);
        return command;
    }

    /// <inheritdoc cref="Query{T}(string, string, Func{ApiClient, CancellationToken, Task{T}}, JsonTypeInfo{T}, Action{T})"/>
    /// <param name="ask">Given the command line too, for an argument of its own.</param>
    public static Command Query<T>(
        string name, string description, Func<ApiClient, ParseResult, CancellationToken, Task<T>> ask, JsonTypeInfo<T> type, Action<T> show,
        Func<ParseResult, T, bool>? isGood = null)
    {
        var runDirectory = RunDirectory();
        var json = new Option<bool>("--json") { Description = "The answer as JSON." };
        var watch = Watching.Option();
        var command = new Command(name, description) { Network, runDirectory, json, watch };
        command.SetAction(async (parsed, cancel) =>
        {
            using var client = Client(parsed.GetValue(runDirectory)!);
            return await Watching.Run(parsed, watch, Once, cancel);

            async Task<int> Once(Action beforeShown, CancellationToken stop)
            {
                var answer = await ask(client, parsed, stop);
                beforeShown();
                if (parsed.GetValue(json))
                    Console.WriteLine(JsonSerializer.Serialize(answer, type));
                else
                    show(answer);
                return isGood is null || isGood(parsed, answer) ? 0 : 1;
            }
        });
        return command;
    }

    /// <summary>Columns that may be long: where the terminal is too narrow, their words go on in the next line.</summary>
    private static readonly string[] MayBreak = ["HOST", "NAME", "WANTED", "STATE"];

    /// <summary>One for all commands that ask a node: says which of several on this host.</summary>
    public static readonly Option<string?> Network = MakeNetwork();

    public const string RunDirectoryName = "--run-dir";

    public static Option<string> RunDirectory() => new(RunDirectoryName)
    {
        Description = "Where the node has its socket.",
        HelpName = "DIR",
        DefaultValueFactory = argument => Environment.GetEnvironmentVariable("AKKA_OVERLAY_RUN_DIR") ?? RunOptions.RunDirectoryOf(NameOf(argument)),
    };

    private static Option<string?> MakeNetwork()
    {
        var option = new Option<string?>("--network") { Description = "Which of several networks on this host. [default: the one without a name]", HelpName = "NAME" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !NetworkName.TryParse(result.Tokens[0].Value, out _))
                result.AddError($"--network '{result.Tokens[0].Value}': {NetworkName.Rule}");
        });
        return option;
    }

    /// <summary>The option's own validator looks at what is typed.</summary>
    private static NetworkName NameOf(ArgumentResult argument)
    {
        string? typed = argument.GetValue(Network);
        string text = typed ?? Environment.GetEnvironmentVariable("AKKA_OVERLAY_NETWORK") ?? "";
        if (!NetworkName.TryParse(text, out var name) && typed is null && text.Length > 0)
            argument.AddError($"AKKA_OVERLAY_NETWORK '{text}': {NetworkName.Rule}");
        return name;
    }

    public static ApiClient Client(string runDirectory, TimeSpan? timeout = null) => new(ApiSocket.PathIn(runDirectory), timeout);

    /// <summary>Whoever is no terminal has no width at which to cut a line.</summary>
    public static void DoNotCut()
    {
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = 1000;
    }

    public static Table Table(params string[] columns)
    {
        DoNotCut();
        var table = new Table().Border(TableBorder.None).HideFooters();
        foreach (string column in columns)
            table.AddColumn(new TableColumn($"[bold]{Markup.Escape(column)}[/]") { NoWrap = !MayBreak.Contains(column), Padding = new Padding(0, 0, 2, 0) });
        return table;
    }

    /// <summary>How hosts are called in a table: by their whole names where no terminal is.</summary>
    public static Func<string, string> HostLabel(IEnumerable<string> names) => Console.IsOutputRedirected ? name => name : HostLabels.For(names);

    public static string Colour(string state) => state == "ok" ? "[green]ok[/]" : $"[red]{Markup.Escape(state)}[/]";
}
