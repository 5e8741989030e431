using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace AkkaOverlay.Node.Logging;

/// <summary>
/// Each event as one JSON object on one line: timestamp (UTC), level, category, message, and the values of the message's template under "properties".
/// A value is a number, a truth value, or the same text that stands in the message: nothing is looked into, so that no secret comes out by this way.
/// </summary>
internal sealed class JsonLines() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "akka-overlay-json";

    /// <summary>The template itself, among the properties that Microsoft.Extensions.Logging gives.</summary>
    private const string Template = "{OriginalFormat}";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>systemd reads the level from the front of a line and takes it off (sd-daemon(3)).</summary>
    public static bool ForSystemd => Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 };

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        if (ForSystemd)
            textWriter.Write(string.Create(CultureInfo.InvariantCulture, $"<{Priority(logEntry.LogLevel)}>"));
        textWriter.WriteLine(Line(logEntry, DateTimeOffset.UtcNow));
    }

    internal static string Line<TState>(in LogEntry<TState> entry, DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("timestamp", now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("level", Word(entry.LogLevel));
            json.WriteString("category", entry.Category);
            json.WriteString("message", entry.Formatter(entry.State, entry.Exception));
            if (entry.Exception is { } exception)
                json.WriteString("exception", exception.ToString());
            if (entry.State is IEnumerable<KeyValuePair<string, object?>> properties)
                Write(json, properties);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, object?>> properties)
    {
        bool begun = false;
        var names = new HashSet<string>();
        foreach (var (name, value) in properties)
        {
            // The last of two with one name would win in most readers, and some refuse the line.
            if (name == Template || !names.Add(name))
                continue;
            if (!begun)
                json.WriteStartObject("properties");
            begun = true;
            json.WritePropertyName(name);
            WriteValue(json, value);
        }
        if (begun)
            json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case sbyte or short or int or long or byte or ushort or uint:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            default:
                json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "critical",
    };

    // syslog(3): LOG_CRIT, LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG
    private static int Priority(LogLevel level) => level switch
    {
        LogLevel.Critical => 2,
        LogLevel.Error => 3,
        LogLevel.Warning => 4,
        LogLevel.Information => 6,
        _ => 7,
    };
}
