using AkkaOverlay.EndToEnd.Tests;
using Xunit.Abstractions;

namespace AkkaOverlay.BackEndMatrix;

/// <summary>The table in docs/backends.md: rows that were seen are compared with it, or with UPDATE_DOCS=1 in the environment written into it.</summary>
internal static class MatrixDocs
{
    /// <summary>Before a row in the output: what sees it may not be able to write.</summary>
    public const string Mark = "matrix: ";

    private static string File => Repository.File("docs/backends.md");

    public static bool ShallUpdate => Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1";

    public static string Text => System.IO.File.ReadAllText(File);

    /// <summary>Runs a row's scenario. Fails where a cell failed, and where the page says something else than what was seen.</summary>
    public static async Task AssertRowAsync(BackEndCase of, MatrixKernel kernel, ITestOutputHelper output)
    {
        var (seen, failures) = await Scenario.RunAsync(of, kernel, output);
        output.WriteLine($"{Mark}{seen}");
        if (ShallUpdate && kernel == MatrixKernel.Own)
            Put([seen]);
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        if (!ShallUpdate)
            Assert.Equal(seen.ToString(), MatrixPage.Parse(Text).Rows.SingleOrDefault(row => row.Key == seen.Key)?.ToString());
    }

    public static void Put(IEnumerable<MatrixRow> rows) =>
        System.IO.File.WriteAllText(File, rows.Aggregate(MatrixPage.Parse(Text), (page, row) => page.With(row)).InOrder(MatrixRows.Keys).Render());
}
