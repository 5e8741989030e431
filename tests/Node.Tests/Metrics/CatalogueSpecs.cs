using System.Text.Json;
using System.Text.RegularExpressions;
using AkkaOverlay.Node.Metrics;

namespace AkkaOverlay.Node.Tests.Metrics;

/// <summary>One list of names: the page of the documentation, the alert rules and the dashboard speak of nothing that is not in it.</summary>
public sealed partial class CatalogueSpecs
{
    private static readonly string[] SeriesOfHistograms = ["_bucket", "_sum", "_count"];

    [Fact]
    public void Names_are_those_that_Prometheus_wants()
    {
        Assert.Equal(Catalogue.All.Count, Catalogue.All.Select(family => family.Name).Distinct().Count());
        Assert.All(Catalogue.All, family =>
        {
            Assert.Matches("^(akka_overlay|process|dotnet)_[a-z_]+$", family.Name);
            Assert.Equal(family.Type == MetricType.Counter, family.Name.EndsWith("_total", StringComparison.Ordinal));
            Assert.All(family.Labels, label => Assert.Matches("^[a-z][a-z0-9_]*$", label));
            Assert.DoesNotContain('\n', family.Help);
            Assert.EndsWith(".", family.Help, StringComparison.Ordinal);
            Assert.DoesNotContain(family.Name, new[] { "millis", "_ms", "percent", "minutes" });
        });
    }

    [Fact]
    public void Every_family_of_the_class_is_in_the_list() => Assert.Equal(
        typeof(Catalogue).GetFields().Where(field => field.FieldType == typeof(MetricFamily)).Select(field => ((MetricFamily)field.GetValue(null)!).Name),
        Catalogue.All.Select(family => family.Name));

    /// <summary>With UPDATE_DOCS=1 in the environment it writes the table instead of reading it.</summary>
    [Fact]
    public void The_page_has_a_row_for_each_of_them_and_no_other()
    {
        string file = Repository.File("docs/metrics.md");
        string table = string.Join('\n', Catalogue.All.Select(family =>
            $"| `{family.Name}` | {family.Type.ToString().ToLowerInvariant()} | {string.Join(", ", family.Labels)} | {family.Help} |"));
        string text = File.ReadAllText(file);
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            File.WriteAllText(file, text = Rows().Replace(text, _ => $"{Head}\n{table}\n"));
        Assert.Equal(table, Rows().Match(text).Groups["rows"].Value.TrimEnd('\n'));
    }

    [Fact]
    public void The_dashboard_asks_for_what_there_is()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Repository.File("config/grafana/akka-overlay.json")));
        var texts = dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.TryGetProperty("targets", out var targets) ? targets.EnumerateArray().Select(target => target.GetProperty("expr").GetString()!) : [])
            .Concat(dashboard.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray().Select(item => item.GetProperty("query").ToString()))
            .ToList();
        Assert.True(texts.Count > 30);
        Assert.Empty(texts.SelectMany(Unknown));
    }

    [Fact]
    public void The_alert_rules_ask_for_what_there_is() => Assert.Empty(Unknown(File.ReadAllText(Repository.File("config/prometheus/alerts.yml"))));

    [Theory]
    [InlineData("rate(akka_overlay_repairs_total{kind=\"route\"}[5m])", null)]
    [InlineData("akka_overlay_repair_seconds_bucket", null)]
    [InlineData("rate(akka_overlay_repair_total[5m])", "akka_overlay_repair_total")]
    [InlineData("akka_overlay_leases_sum", "akka_overlay_leases_sum")]
    [InlineData("akka_overlay_repairs_total{kinds=\"route\"}", "akka_overlay_repairs_total{kinds}")]
    public void A_name_or_label_that_is_wrong_would_be_seen(string expression, string? unknown) => Assert.Equal(unknown, Unknown(expression).SingleOrDefault());

    private const string Head = "| metric | type | labels | what |\n|---|---|---|---|";

    private static IEnumerable<string> Unknown(string text)
    {
        foreach (Match match in Names().Matches(text))
        {
            string name = match.Groups["name"].Value;
            if (name == "akka_overlay_" || Find(name) is not { } family)
            {
                yield return name;
                continue;
            }
            foreach (Match label in LabelNames().Matches(match.Groups["matchers"].Value))
            {
                if (!family.Labels.Contains(label.Groups["label"].Value) && label.Groups["label"].Value is not ("job" or "instance" or "le"))
                    yield return $"{name}{{{label.Groups["label"].Value}}}";
            }
        }
    }

    private static MetricFamily? Find(string name) => Catalogue.All.FirstOrDefault(family =>
        family.Type == MetricType.Histogram ? SeriesOfHistograms.Any(end => family.Name + end == name) : family.Name == name)
        // A text for people may name a histogram without its series; an expression that does finds nothing, which the real Prometheus's spec sees.
        ?? Catalogue.All.FirstOrDefault(family => family.Name == name);

    [GeneratedRegex(@"\b(?<name>(?:akka_overlay|process|dotnet)_[a-z_]+)(?:\{(?<matchers>[^}]*)\})?")]
    private static partial Regex Names();

    [GeneratedRegex("(?<label>[a-z_]+)(?:=~|!~|!=|=)\"")]
    private static partial Regex LabelNames();

    [GeneratedRegex(@"\| metric \| type \| labels \| what \|\n\|---\|---\|---\|---\|\n(?<rows>(?:\|.*\n)*)")]
    private static partial Regex Rows();
}
