using System.Collections.Immutable;
using System.Globalization;

namespace AkkaOverlay.BackEndMatrix;

/// <summary>The part of docs/backends.md between two marker comments: the table, and below it the reasons of what is not applicable, numbered.</summary>
internal sealed record MatrixPage(string Before, ImmutableArray<MatrixRow> Rows, string After)
{
    private const string Begin = "<!-- matrix: written by tests, not by hand -->\n", End = "<!-- /matrix -->\n";
    private const string Digits = "⁰¹²³⁴⁵⁶⁷⁸⁹", Not = "n/a ";

    /// <exception cref="FormatException">The markers or what is between them is not as it was written.</exception>
    public static MatrixPage Parse(string text)
    {
        int begin = text.IndexOf(Begin, StringComparison.Ordinal), end = text.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
            throw new FormatException($"there is no {Begin.Trim()} … {End.Trim()}");
        begin += Begin.Length;
        string[] lines = text[begin..end].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var notes = lines.Where(line => char.IsAsciiDigit(line[0])).Select(line => line.Split(". ", 2)).ToDictionary(note => note[0], note => note[1].TrimEnd('.'));
        var rows = lines.Where(line => line.StartsWith('|')).Skip(2).Select(line => Row(line, notes));
        return new MatrixPage(text[..begin], [.. rows], text[end..]);
    }

    /// <summary>The same with what was seen last; of a row that it did not have, at the end.</summary>
    public MatrixPage With(MatrixRow seen) => this with
    {
        Rows = Rows.Any(row => row.Key == seen.Key) ? [.. Rows.Select(row => row.Key == seen.Key ? seen : row)] : Rows.Add(seen),
    };

    /// <summary>The same with these rows in their order and no other ones.</summary>
    public MatrixPage InOrder(IReadOnlyList<(string Name, string Kernel)> keys) => this with
    {
        Rows = [.. keys.SelectMany(key => Rows.Where(row => row.Key == key))],
    };

    public string Render()
    {
        var reasons = Rows.SelectMany(row => row.Cells).Select(cell => cell.Reason).OfType<string>().Distinct().ToList();
        string Text(Cell cell) => cell.Reason is null ? cell.ToString() : Not + Superscript(reasons.IndexOf(cell.Reason) + 1);
        string[] table =
        [
            Line(["back end", "kernel", .. Columns.All.Select(column => column.Title())]),
            $"|{string.Concat(Enumerable.Repeat("---|", Columns.All.Count + 2))}\n",
            .. Rows.Select(row => Line([row.Name, row.Kernel, .. row.Cells.Select(Text)])),
        ];
        string notes = string.Concat(reasons.Select((reason, i) => string.Create(CultureInfo.InvariantCulture, $"{i + 1}. {reason}.\n")));
        return $"{Before}{string.Concat(table)}{(notes.Length > 0 ? "\n" : "")}{notes}{After}";
    }

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |\n";

    private static MatrixRow Row(string line, Dictionary<string, string> notes)
    {
        string[] parts = [.. line.Trim('|').Split('|').Select(part => part.Trim())];
        if (parts.Length != Columns.All.Count + 2)
            throw new FormatException($"'{line}' is no row");
        return new MatrixRow(parts[0], parts[1], [.. parts[2..].Select(part => part.StartsWith(Not, StringComparison.Ordinal) ? Noted(part, notes) : Cell.Parse(part))]);
    }

    private static Cell Noted(string part, Dictionary<string, string> notes)
    {
        string number = string.Concat(part[Not.Length..].Select(digit => Digits.IndexOf(digit, StringComparison.Ordinal)));
        return notes.TryGetValue(number, out string? reason) ? Cell.NotApplicable(reason) : throw new FormatException($"'{part}' has no note");
    }

    private static string Superscript(int number) =>
        string.Concat(number.ToString(CultureInfo.InvariantCulture).Select(digit => Digits[digit - '0']));
}
