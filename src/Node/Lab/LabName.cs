using System.Globalization;
using System.Text.RegularExpressions;

namespace AkkaOverlay.Node.Lab;

/// <summary>
/// What a lab's namespaces and directory are called: <c>aol123-h1</c> and <c>/tmp/akka-overlay-lab-123</c> of process 123, and from its second lab on
/// <c>aol123x2-h1</c>. Whose a leftover is can thus be told from its name.
/// </summary>
internal readonly partial record struct LabName(int Pid, int Serial)
{
    private const string Temporary = "/tmp";

    private string Suffix => Serial == 1 ? $"{Pid}" : $"{Pid}x{Serial}";

    public string Directory => $"{Temporary}/akka-overlay-lab-{Suffix}";

    public string Underlay => $"{this}-net";

    public string Host(int index) => $"{this}-h{index}";

    public string Container(int index) => $"{this}-c{index}";

    public override string ToString() => $"aol{Suffix}";

    /// <summary>The lab that a namespace of this name belongs to, or null.</summary>
    public static LabName? OfNamespace(string name) => From(NamespacePattern().Match(name));

    /// <summary>The labs that have a directory.</summary>
    public static IEnumerable<LabName> WithDirectory() =>
        System.IO.Directory.EnumerateDirectories(Temporary, "akka-overlay-lab-*")
            .Select(path => From(DirectoryPattern().Match(Path.GetFileName(path))))
            .OfType<LabName>();

    private static LabName? From(Match match)
    {
        if (!match.Success || !int.TryParse(match.Groups["pid"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
            return null;
        var serial = match.Groups["serial"];
        return new LabName(pid, serial.Success ? int.Parse(serial.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 1);
    }

    [GeneratedRegex(@"^aol(?<pid>[1-9]\d{0,9})(x(?<serial>[1-9]\d{0,5}))?-(net|[hc]\d{1,3})\z", RegexOptions.ExplicitCapture)]
    private static partial Regex NamespacePattern();

    [GeneratedRegex(@"^akka-overlay-lab-(?<pid>[1-9]\d{0,9})(x(?<serial>[1-9]\d{0,5}))?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex DirectoryPattern();
}
