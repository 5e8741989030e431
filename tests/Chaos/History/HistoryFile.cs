using System.Text.Json;

namespace AkkaOverlay.Chaos.History;

/// <summary>A history on disk: one observation a line, as JSON.</summary>
public static class HistoryFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static void Write(string path, IEnumerable<Observation> history) =>
        File.WriteAllLines(path, history.Select(observation => JsonSerializer.Serialize(observation, Json)));

    /// <exception cref="JsonException">A line is none.</exception>
    public static IReadOnlyList<Observation> Read(string path) => Parse(File.ReadLines(path));

    public static IReadOnlyList<Observation> Parse(IEnumerable<string> lines) =>
        [.. lines.Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<Observation>(line, Json) ?? throw new JsonException("an empty line"))];
}
