using System.Globalization;
using AkkaOverlay.Node.Doctor;

namespace AkkaOverlay.Node.Tests.Doctor;

/// <summary>docs/doctor.md against the code.</summary>
public sealed class DoctorTableSpecs
{
    /// <summary>As many as the list of traps has.</summary>
    private const int TrapCount = 30;

    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(Root(), "docs", "doctor.md"));

    [Fact]
    public void Every_check_has_its_row_with_its_traps_and_what_it_looks_at()
    {
        var rows = Rows("## Checks").Select(cells => (Name: cells[1].Trim('`'), Traps: cells[0], LooksAt: cells[2])).ToList();
        var checks = AllChecks.List.Select(check => (check.Name, Traps: check.Traps.Count == 0 ? "-" : string.Join(", ", check.Traps), check.LooksAt)).ToList();
        Assert.Equal(checks, rows);
        Assert.All(Rows("## Checks"), cells => Assert.True(cells.Length == 4 && cells[3].Length > 0, string.Join('|', cells)));
    }

    [Fact]
    public void Every_trap_is_looked_for_or_has_a_reason_why_not()
    {
        var looked = AllChecks.List.SelectMany(check => check.Traps).ToHashSet();
        var told = Rows("## Not to be seen from a host").Select(cells => int.Parse(cells[0], CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(Enumerable.Range(1, TrapCount), looked.Concat(told).Distinct().Order());
        Assert.Empty(looked.Intersect(told));
        Assert.All(Rows("## Not to be seen from a host"), cells => Assert.True(cells[^1].Length > 0));
    }

    [Fact]
    public void Names_are_unique() => Assert.Equal(AllChecks.List.Count, AllChecks.List.Select(check => check.Name).Distinct().Count());

    private static IEnumerable<string[]> Rows(string heading) => Lines
        .SkipWhile(line => line != heading).Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
        .Where(line => line.StartsWith('|')).Skip(2).Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries));

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "AkkaOverlay.sln")))
            directory = directory.Parent ?? throw new InvalidOperationException("not inside the repository");
        return directory.FullName;
    }
}
