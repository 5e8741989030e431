using AkkaOverlay.Node.Lab;
using AkkaOverlay.Node.Lab.Screen;
using Spectre.Console;

namespace AkkaOverlay.Node.Tests.Lab;

public class ScreenSpecs
{
    private static readonly PingCell Good = new(3, 3, TimeSpan.FromMilliseconds(0.25));
    private static readonly PingCell Lost = new(3, 0, null);

    [Fact]
    public void Three_hosts_show_their_times_a_dot_for_themselves_and_what_is_lost()
    {
        var lossy = Good with { Received = 2 };
        string[] lines = Lines(Matrix(3, (row, column) => (row, column) switch { (0, 2) => Lost, (2, 0) => lossy, _ => Good }));
        Assert.Contains("  h1      ·   0.25   lost", lines);
        Assert.Contains("  h2   0.25      ·   0.25", lines);
        Assert.Contains("  h3    2/3   0.25      ·", lines);
        Assert.Equal("4 of 6 pairs answer without loss, 0.25 to 0.25 ms; not: h1→h3, h3→h1", lines[^1]);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(100)]
    public void Many_hosts_have_a_character_for_each_pair_within_80_columns(int hosts)
    {
        string[] lines = Lines(Matrix(hosts, (row, column) => row == 4 && column == 0 ? Lost : Good));
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 80));
        int pairs = hosts * (hosts - 1);
        Assert.Equal($"{pairs - 1} of {pairs} pairs answer without loss, 0.25 to 0.25 ms; not: h5→h1", lines[0]);
        string fifth = string.Concat(lines.Where(line => line.StartsWith("h5 ", StringComparison.Ordinal)).Select(line => line[6..]));
        Assert.Equal("x+++·" + new string('+', hosts - 5), fifth);
    }

    [Fact]
    public async Task A_pipe_gets_each_step_once_when_it_is_done_and_no_escape_sequence()
    {
        var (screen, output) = Screen();
        await screen.ProgressAsync(report =>
        {
            for (int i = 0; i <= 3; i++)
                report(LabStep.Nodes, i, 3);
            report(LabStep.Nodes, 2, 3);
            report(LabStep.Nodes, 3, 3);
            report(LabStep.Leases, 1, 3);
            return Task.CompletedTask;
        });
        Assert.Matches(@"^✓ nodes started          3/3     \d\.\d s\n$", output.ToString());
    }

    [Fact]
    public void Text_from_a_node_is_no_markup()
    {
        var (screen, output) = Screen();
        screen.Show(HostTables.States([new HostState("h1", false, "up", 1, 7, "lease: [red]x[/]")]));
        Assert.Contains("lease: [red]x[/]", output.ToString());
        var many = Enumerable.Range(1, 50).Select(i => new HostState($"h{i}", i != 7, "up", 49, 2, i == 7 ? "no answer" : ""));
        screen.Show(HostTables.States([.. many]));
        Assert.Contains("49 of 50 hosts ready, fewest peers 49, kernel writes 100", output.ToString());
        Assert.Contains("no answer", output.ToString());
    }

    internal static (LabScreen Screen, StringWriter Output) Screen()
    {
        var output = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 80;
        return (new LabScreen(console, redraws: false), output);
    }

    private static PingMatrixResult Matrix(int hosts, Func<int, int, PingCell> cell)
    {
        var cells = new PingCell?[hosts, hosts];
        for (int i = 0; i < hosts * hosts; i++)
            cells[i / hosts, i % hosts] = i / hosts == i % hosts ? null : cell(i / hosts, i % hosts);
        return new PingMatrixResult([.. Enumerable.Range(1, hosts).Select(i => $"h{i}")], cells);
    }

    private static string[] Lines(PingMatrixResult matrix)
    {
        var (screen, output) = Screen();
        screen.Show(screen.Matrix(matrix, "ms"));
        return [.. output.ToString().TrimEnd('\n').Split('\n').Select(line => line.TrimEnd())];
    }
}
