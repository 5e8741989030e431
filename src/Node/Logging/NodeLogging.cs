using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace AkkaOverlay.Node.Logging;

/// <summary>One line per event on stdout.</summary>
internal static class NodeLogging
{
    public static ILoggerFactory Create(LogFormat format) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(LogLevel.Information);
        if (format == LogFormat.Json)
        {
            builder.Services.AddSingleton<ConsoleFormatter, JsonLines>();
            builder.AddConsole(console => console.FormatterName = JsonLines.FormatterName);
        }
        else if (JsonLines.ForSystemd)
        {
            builder.AddSystemdConsole();
        }
        else
        {
            builder.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
                console.ColorBehavior = LoggerColorBehavior.Default;
            });
        }
    });
}
