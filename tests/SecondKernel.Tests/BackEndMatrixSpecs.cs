using AkkaOverlay.BackEndMatrix;
using Xunit.Abstractions;

namespace AkkaOverlay.SecondKernel.Tests;

/// <summary>The rows of the table in docs/backends.md that need this kernel: for their device, or for a bad underlay.</summary>
public sealed class BackEndMatrixSpecs(ITestOutputHelper output)
{
    public static TheoryData<string> Rows => [.. MatrixRows.Second.Select(row => row.Name)];

    [SecondKernelTheory]
    [MemberData(nameof(Rows))]
    public Task A_row_is_as_the_page_says(string row)
    {
        var of = MatrixRows.Second.Single(of => of.Name == row);
        return MatrixDocs.AssertRowAsync(of with { Layout = LayoutOf(of) }, MatrixKernel.Second, output);
    }

    private static Func<OverlayLab, Task>? LayoutOf(BackEndCase of) => of switch
    {
        { BackEnd: "ipip" } => FlannelLayout.IpipAsync,
        { BackEnd: "wireguard", Families: Families.Dual } => new WireGuardLayout().AssertAsync,
        _ => null,
    };
}
