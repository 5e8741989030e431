using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AkkaOverlay.Node.Lab.Screen;

/// <summary>What the lab shows: redrawn in place on a terminal, plain lines where the output goes elsewhere.</summary>
/// <param name="redraws">False for a pipe or a file.</param>
internal sealed class LabScreen(IAnsiConsole console, bool redraws)
{
    private static readonly TimeSpan DrawInterval = TimeSpan.FromMilliseconds(200);

    public bool Redraws { get; } = redraws;

    /// <summary>From the settings of this process's standard output.</summary>
    public static LabScreen OfStandardOutput()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings());
        // A pipe has no width: what is read later is read at the usual one.
        if (Console.IsOutputRedirected)
            console.Profile.Width = Math.Max(80, console.Profile.Width);
        var terminal = console.Profile.Capabilities;
        return new LabScreen(console, !Console.IsOutputRedirected && terminal.Ansi && terminal.Interactive);
    }

    /// <summary>One line, markup allowed.</summary>
    public void Line(string markup) => console.MarkupLine(markup);

    public void Show(IRenderable part) => console.Write(part);

    public IRenderable Matrix(PingMatrixResult matrix, string title) => MatrixView.Render(matrix, title, console.Profile.Width);

    /// <summary>Runs the work while showing how far it is.</summary>
    public async Task ProgressAsync(Func<Action<LabStep, int, int>, Task> work)
    {
        var steps = new StepList();
        if (!Redraws)
        {
            await work((step, done, total) =>
            {
                if (steps.Report(step, done, total))
                    console.MarkupLine(steps.Line(step));
            });
            return;
        }
        await LiveAsync(steps.Render, async draw =>
        {
            var working = work((step, done, total) => steps.Report(step, done, total));
            while (await Task.WhenAny(working, Task.Delay(DrawInterval)) != working)
                draw();
            draw();
            await working;
        });
    }

    /// <summary>Shows what <paramref name="render"/> gives, again whenever the work asks.</summary>
    public Task LiveAsync(Func<IRenderable> render, Func<Action, Task> work) =>
        console.Live(render()).Overflow(VerticalOverflow.Crop).StartAsync(context => work(() => context.UpdateTarget(render())));

    public static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");
}

/// <summary>The steps of bringing a lab up, with how far and how long each is.</summary>
internal sealed class StepList
{
    private readonly Lock gate = new();
    private readonly Dictionary<LabStep, Step> steps = [];
    private readonly long started = Stopwatch.GetTimestamp();

    /// <param name="Took">From the very start.</param>
    private sealed record Step(int Done, int Total, TimeSpan Took)
    {
        public bool IsDone => Done == Total;
    }

    /// <returns>True where the step has just been finished.</returns>
    public bool Report(LabStep step, int done, int total)
    {
        lock (gate)
        {
            if (steps.TryGetValue(step, out var before) && before.IsDone)
                return false;
            steps[step] = new Step(done, total, Stopwatch.GetElapsedTime(started));
            return done == total;
        }
    }

    public string Line(LabStep step)
    {
        lock (gate)
        {
            if (!steps.TryGetValue(step, out var state))
                return $"[grey]· {Name(step)}[/]";
            string count = string.Create(CultureInfo.InvariantCulture, $"{state.Done}/{state.Total}");
            return state.IsDone
                ? $"[green]✓[/] {Name(step),-18} {count,7}  [grey]{LabScreen.Seconds(state.Took),8}[/]"
                : $"[yellow]…[/] {Name(step),-18} {count,7}  [grey]{LabScreen.Seconds(Stopwatch.GetElapsedTime(started)),8}[/]";
        }
    }

    public IRenderable Render() => new Rows(Enum.GetValues<LabStep>().Select(step => new Markup(Line(step))));

    private static string Name(LabStep step) => step switch
    {
        LabStep.Namespaces => "namespaces",
        LabStep.Nodes => "nodes started",
        LabStep.Cluster => "cluster formed",
        LabStep.Leases => "leases granted",
        LabStep.Peers => "peers programmed",
        _ => "containers wired",
    };
}
