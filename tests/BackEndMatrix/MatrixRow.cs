using System.Collections.Immutable;

namespace AkkaOverlay.BackEndMatrix;

/// <summary>A row of the table: a back end with its families, under one kernel.</summary>
/// <param name="Name">As "vxlan IPv4".</param>
/// <param name="Kernel">As "second"; "-" for a row that no kernel has shown.</param>
/// <param name="Cells">One for each of <see cref="Columns.All"/>.</param>
internal sealed record MatrixRow(string Name, string Kernel, ImmutableArray<Cell> Cells)
{
    private const string Separator = " | ";

    public static MatrixRow NotApplicable(string name, string reason) => new(name, "-", [.. Columns.All.Select(_ => Cell.NotApplicable(reason))]);

    /// <summary>Two rows of one key tell of the same thing.</summary>
    public (string Name, string Kernel) Key => (Name, Kernel);

    /// <summary>What <see cref="ToString"/> made.</summary>
    /// <exception cref="FormatException">It did not.</exception>
    public static MatrixRow Parse(string line)
    {
        string[] parts = line.Split(Separator);
        if (parts.Length != Columns.All.Count + 2)
            throw new FormatException($"'{line}' is no row");
        return new MatrixRow(parts[0], parts[1], [.. parts[2..].Select(Cell.Parse)]);
    }

    public bool Equals(MatrixRow? other) => other is not null && Key == other.Key && Cells.SequenceEqual(other.Cells);

    public override int GetHashCode() => Key.GetHashCode();

    public override string ToString() => string.Join(Separator, [Name, Kernel, .. Cells.Select(cell => cell.ToString())]);
}
