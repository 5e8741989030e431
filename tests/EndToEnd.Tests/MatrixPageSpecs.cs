using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.BackEndMatrix;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>The table in docs/backends.md as a whole; what its rows say is seen by the specs that run them.</summary>
public sealed class MatrixPageSpecs
{
    private const string Page = "before\n<!-- matrix: written by tests, not by hand -->\n<!-- /matrix -->\nafter\n";

    /// <summary>With UPDATE_DOCS=1 it is written, with the rows of the log that MATRIX_LOG names.</summary>
    [Fact]
    public void The_page_has_every_row_once_and_in_order_and_nothing_written_by_hand()
    {
        if (MatrixDocs.ShallUpdate)
            MatrixDocs.Put([.. MatrixRows.NotApplicable, .. RowsOf(Environment.GetEnvironmentVariable("MATRIX_LOG"))]);
        string text = MatrixDocs.Text;
        var page = MatrixPage.Parse(text);
        Assert.Equal(MatrixRows.Keys, page.Rows.Select(row => row.Key));
        Assert.Equal(MatrixRows.NotApplicable, page.Rows.Where(row => row.Kernel == "-"));
        Assert.DoesNotContain(page.Rows.SelectMany(row => row.Cells), cell => cell == Cell.Failed);
        Assert.Equal(page.Render(), text);
    }

    [Fact]
    public void Every_back_end_that_there_is_has_a_row() =>
        Assert.All(BackEndRegistry.Names, name => Assert.Contains(MatrixRows.Keys.AsEnumerable(), key => key.Name.StartsWith(name, StringComparison.Ordinal)));

    [Fact]
    public void What_the_page_calls_refused_is() =>
        Assert.All(MatrixRows.Refused, of => Assert.Throws<NetConfException>(() => NetConf.Parse(of.NetConf)));

    [Fact]
    public void A_page_that_is_written_is_read_again_with_its_notes_numbered_in_the_order_of_the_rows()
    {
        var one = MatrixRow.NotApplicable("one", "this is why");
        var two = new MatrixRow("two", "own", [.. Columns.All.Select((column, i) => i == 0 ? Cell.NotApplicable("that is") : i == 1 ? Cell.Failed : i == 2 ? one.Cells[0] : Cell.Passed)]);
        var page = MatrixPage.Parse(Page).With(two).With(one).With(two).InOrder([one.Key, two.Key]);
        string text = page.Render();
        Assert.StartsWith("before\n", text, StringComparison.Ordinal);
        Assert.Contains("| one | - | n/a ¹ | n/a ¹ |", text, StringComparison.Ordinal);
        Assert.Contains("| two | own | n/a ² | failed | n/a ¹ | yes |", text, StringComparison.Ordinal);
        Assert.EndsWith("\n\n1. this is why.\n2. that is.\n<!-- /matrix -->\nafter\n", text, StringComparison.Ordinal);
        Assert.Equal(new[] { one, two }, MatrixPage.Parse(text).Rows.AsEnumerable());
        Assert.Equal([one, two], page.Rows.Select(row => MatrixRow.Parse(row.ToString())));
    }

    [Theory]
    [InlineData("| one | own | yes |")]
    [InlineData("| one | own | yes | yes | yes | yes | yes | yes | yes | maybe |")]
    [InlineData("| one | own | yes | yes | yes | yes | yes | yes | yes | n/a ¹ |")]
    public void What_nobody_wrote_is_refused(string row) =>
        Assert.Throws<FormatException>(() => MatrixPage.Parse(Page.Replace("<!-- /", $"| head |\n|---|\n{row}\n<!-- /", StringComparison.Ordinal)));

    private static IEnumerable<MatrixRow> RowsOf(string? log) => log is null ? [] : File.ReadLines(log).Select(line => line.Trim())
        .Where(line => line.StartsWith(MatrixDocs.Mark, StringComparison.Ordinal)).Select(line => MatrixRow.Parse(line[MatrixDocs.Mark.Length..]));
}
