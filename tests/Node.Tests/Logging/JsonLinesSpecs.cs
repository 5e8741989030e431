using System.Text.Json;
using AkkaOverlay.Node.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaOverlay.Node.Tests.Logging;

/// <summary>One event, one line, one object.</summary>
public sealed class JsonLinesSpecs
{
    private readonly Catcher log = new();

    [Fact]
    public void An_event_is_one_object_on_one_line()
    {
        log.LogWarning("Queue {Queue} of {Device} is not served: {Reason}", 3, "flannel0", "first line\nsecond \"line\"");
        var json = Assert.Single(log.Lines);
        Assert.DoesNotContain('\n', json);
        var root = JsonDocument.Parse(json).RootElement;
        Assert.Equal(["timestamp", "level", "category", "message", "properties"], root.EnumerateObject().Select(property => property.Name));
        Assert.Equal("2026-01-02T03:04:05.678Z", root.GetProperty("timestamp").GetString());
        Assert.Equal(("warning", "node"), (root.GetProperty("level").GetString(), root.GetProperty("category").GetString()));
        Assert.Equal("Queue 3 of flannel0 is not served: first line\nsecond \"line\"", root.GetProperty("message").GetString());
        var properties = root.GetProperty("properties");
        Assert.Equal(3, properties.GetProperty("Queue").GetInt32());
        Assert.Equal("flannel0", properties.GetProperty("Device").GetString());
        Assert.Equal(3, properties.EnumerateObject().Count());
    }

    [Fact]
    public void An_object_is_what_it_calls_itself_and_nothing_is_looked_into()
    {
        log.LogInformation("With {Key}", new Secretive("swordfish"));
        Assert.Equal("(hidden)", JsonDocument.Parse(log.Lines[0]).RootElement.GetProperty("properties").GetProperty("Key").GetString());
        Assert.DoesNotContain("swordfish", log.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_stays_on_the_line()
    {
        log.LogError(new InvalidOperationException("broken"), "It failed");
        Assert.DoesNotContain('\n', log.Lines[0]);
        Assert.Contains("broken", JsonDocument.Parse(log.Lines[0]).RootElement.GetProperty("exception").GetString(), StringComparison.Ordinal);
    }

    private sealed record Secretive(string Password)
    {
        public override string ToString() => "(hidden)";
    }

    private sealed class Catcher : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add(JsonLines.Line(
            new LogEntry<TState>(logLevel, "node", eventId, state, exception, formatter), new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero)));
    }
}
