using System.Globalization;
using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AkkaOverlay.Node.Lab.Screen;

/// <summary>A ping matrix: a table with round-trip times for a few hosts, one character for each pair of many.</summary>
internal static class MatrixView
{
    /// <summary>More hosts than this do not fit with their times into 80 columns.</summary>
    public const int MostWithTimes = 10;

    private const int LostShown = 8;

    /// <summary>What sums up is below a small one, but above a large one, whose end a terminal may not show.</summary>
    public static IRenderable Render(PingMatrixResult matrix, string title, int width)
    {
        var summary = new Markup(Summary(matrix));
        return matrix.Names.Count <= MostWithTimes
            ? new Rows(Table(matrix, title), summary)
            : new Rows(summary, new Markup(Compact(matrix, title, width)));
    }

    internal static string Summary(PingMatrixResult matrix)
    {
        var pairs = matrix.Pairs.ToArray();
        int complete = pairs.Count(pair => pair.Cell.IsComplete);
        var times = pairs.Select(pair => pair.Cell.Best).OfType<TimeSpan>().ToArray();
        string range = times.Length == 0 ? "" : $", {Milliseconds(times.Min())} to {Milliseconds(times.Max())} ms";
        if (complete == pairs.Length)
            return $"[green]all {pairs.Length} pairs answer{range}[/]";
        var lossy = pairs.Where(pair => !pair.Cell.IsComplete).ToArray();
        string named = string.Join(", ", lossy.Take(LostShown).Select(pair => $"{pair.From}→{pair.To}"));
        string more = lossy.Length > LostShown ? " …" : "";
        return $"[red]{complete} of {pairs.Length} pairs answer without loss{range}; not: {named}{more}[/]";
    }

    private static Table Table(PingMatrixResult matrix, string title)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(Markup.Escape(title));
        foreach (string name in matrix.Names)
            table.AddColumn(new TableColumn(name).RightAligned());
        for (int row = 0; row < matrix.Names.Count; row++)
            table.AddRow([matrix.Names[row], .. Enumerable.Range(0, matrix.Names.Count).Select(column => Cell(matrix[row, column]))]);
        return table;
    }

    private static string Cell(PingCell? cell) => cell switch
    {
        null => "[grey]·[/]",
        { IsLost: true } => "[red]lost[/]",
        { IsComplete: false } => $"[yellow]{cell.Received}/{cell.Sent}[/]",
        _ => $"[green]{Milliseconds(cell.Best!.Value)}[/]",
    };

    /// <summary>In blocks of as many columns as fit.</summary>
    private static string Compact(PingMatrixResult matrix, string title, int width)
    {
        const int label = 6;
        int count = matrix.Names.Count;
        int block = Math.Max(10, width - label - 1);
        var text = new StringBuilder($"{Markup.Escape(title)}  [green]+[/] answers  [yellow]~[/] some lost  [red]x[/] lost\n");
        for (int first = 0; first < count; first += block)
        {
            int columns = Math.Min(block, count - first);
            text.Append(CultureInfo.InvariantCulture, $"[grey]{"",label}{matrix.Names[first]} … {matrix.Names[first + columns - 1]}[/]\n");
            for (int row = 0; row < count; row++)
            {
                text.Append(CultureInfo.InvariantCulture, $"{matrix.Names[row],-label}");
                for (int column = first; column < first + columns; column++)
                    text.Append(Sign(matrix[row, column]));
                text.Append('\n');
            }
        }
        return text.ToString().TrimEnd('\n');
    }

    private static string Sign(PingCell? cell) => cell switch
    {
        null => "[grey]·[/]",
        { IsLost: true } => "[red]x[/]",
        { IsComplete: false } => "[yellow]~[/]",
        _ => "[green]+[/]",
    };

    private static string Milliseconds(TimeSpan time) =>
        time.TotalMilliseconds.ToString(time.TotalMilliseconds < 10 ? "0.00" : "0", CultureInfo.InvariantCulture);
}
