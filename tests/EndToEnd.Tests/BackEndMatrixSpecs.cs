using AkkaOverlay.BackEndMatrix;
using Xunit.Abstractions;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>The rows of the table in docs/backends.md that this machine's kernel can show.</summary>
public sealed class BackEndMatrixSpecs(ITestOutputHelper output)
{
    public static TheoryData<string> Rows => [.. MatrixRows.Own.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Rows))]
    public Task A_row_is_as_the_page_says(string row)
    {
        var of = MatrixRows.Own.Single(of => of.Name == row);
        return MatrixDocs.AssertRowAsync(of with { Layout = FlannelLayout.Of(of) }, MatrixKernel.Own, output);
    }
}
