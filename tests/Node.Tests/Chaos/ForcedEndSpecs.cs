using AkkaOverlay.Chaos.Run;
using AkkaOverlay.Node.Run;
using Microsoft.Extensions.Logging;

namespace AkkaOverlay.Node.Tests.Chaos;

public sealed class ForcedEndSpecs : IDisposable
{
    private readonly string log = Path.GetTempFileName();

    public void Dispose() => File.Delete(log);

    [Fact]
    public async Task The_chaos_test_knows_what_a_node_says_that_its_deadline_ends()
    {
        var ended = new TaskCompletionSource<int>();
        ExitDeadline.Start(TimeSpan.Zero, new FileLogger(log), ended.SetResult);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(15));
        Assert.True(ForcedEnd.IsIn(log, 0));
    }

    [Fact]
    public void Only_what_was_logged_since_counts()
    {
        File.WriteAllText(log, $"{ForcedEnd.Text} within 9.5 s\n");
        long from = ForcedEnd.EndOf(log);
        File.AppendAllText(log, "Stopped\n");
        Assert.True(ForcedEnd.IsIn(log, 0));
        Assert.False(ForcedEnd.IsIn(log, from));
        Assert.False(ForcedEnd.IsIn(log + "-none", 0));
    }

    private sealed class FileLogger(string path) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            File.AppendAllText(path, formatter(state, exception));
    }
}
