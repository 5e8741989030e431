using System.Diagnostics;
using Xunit.Abstractions;

namespace AkkaOverlay.BackEndMatrix;

/// <summary>What was seen of one row so far. A column that fails keeps no other one from being tried.</summary>
internal sealed class RowTrial(BackEndCase of, MatrixKernel kernel, ITestOutputHelper output)
{
    private readonly Dictionary<Column, Cell> cells = [];
    private readonly List<string> failures = [];

    public MatrixRow Row => new(of.Name, kernel.Name, [.. Columns.All.Select(column => cells.GetValueOrDefault(column, Untried(column)))]);

    /// <summary>A line for each that failed.</summary>
    public IReadOnlyList<string> Failures => failures;

    /// <summary>Tries one column, and where the back end cannot have it, puts down why; what must be so all the same is tried in either case.</summary>
    public async Task Try(Column column, Func<Task> body)
    {
        if (of.Impossible.Contains(column))
        {
            cells[column] = Cell.NotApplicable(of.NotApplicable[column]);
            return;
        }
        if (await Check(column.Title(), body))
            cells[column] = of.NotApplicable.TryGetValue(column, out string? reason) ? Cell.NotApplicable(reason) : Cell.Passed;
    }

    /// <summary>What must be so, and is no column of the table.</summary>
    public async Task<bool> Check(string what, Func<Task> body)
    {
        long began = Stopwatch.GetTimestamp();
        try
        {
            await body();
            output.WriteLine($"{what}: {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
            return true;
        }
        catch (Exception e)
        {
            string line = $"{what}: {e.Message.ReplaceLineEndings(" ")}";
            failures.Add(line);
            output.WriteLine($"failed: {line}\n{e.StackTrace}");
            return false;
        }
    }

    /// <summary>What nobody meant to leave out has failed.</summary>
    private Cell Untried(Column column) => of.SeenElsewhere is { } why && column > Column.FullSize ? Cell.NotApplicable(why) : Cell.Failed;
}
