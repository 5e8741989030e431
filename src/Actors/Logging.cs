using System.Collections;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Dispatch;
using Akka.Event;
using Microsoft.Extensions.Logging;
using AkkaLogLevel = Akka.Event.LogLevel;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace AkkaOverlay.Actors;

/// <summary>Hands an actor system the process's logger.</summary>
public sealed class LoggingSetup(ILoggerFactory factory) : Setup
{
    public ILoggerFactory Factory { get; } = factory;
}

public static class Logging
{
    /// <summary>For akka.stdout-logger-class.</summary>
    internal static readonly string SilentTypeName = $"{typeof(SilentLogger).FullName}, {typeof(SilentLogger).Assembly.GetName().Name}";

    internal static readonly string LoggerTypeName = $"{typeof(ExtensionsLogger).FullName}, {typeof(ExtensionsLogger).Assembly.GetName().Name}";
}

/// <summary>Akka's log events go where the rest of the process's go: one line each, through Microsoft.Extensions.Logging.</summary>
public sealed class ExtensionsLogger : UntypedActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    private readonly ILogger? logger =
        Context.System.Settings.Setup.Get<LoggingSetup>() is { HasValue: true } setup ? setup.Value.Factory.CreateLogger(Context.System.Name) : null;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                Sender.Tell(new LoggerInitialized());
                break;
            case LogEvent logged:
                // The template was filled in by the actor that logged; as a template again, braces in the text would count.
                logger?.Log(LevelOf(logged.LogLevel()), default, new LoggedEvent(OneLine(logged), PropertiesOf(logged)), null, (state, _) => state.Text);
                break;
        }
    }

    /// <summary>An exception's message is for the operator; its stack is for us, and only where it is not one of the everyday ends of a connection.</summary>
    private static string OneLine(LogEvent logged)
    {
        string text = $"{logged.Message}";
        if (logged.Cause is { } cause && !text.Contains(cause.Message, StringComparison.Ordinal))
            text = $"{text}: {cause.Message}";
        bool everyday = logged.Cause is null || logged.Cause.GetType().Assembly == typeof(Akka.Remote.RemoteSettings).Assembly;
        return (everyday ? text : $"{text} {logged.Cause}").ReplaceLineEndings(" ");
    }

    private static List<KeyValuePair<string, object?>> PropertiesOf(LogEvent logged)
    {
        var properties = new List<KeyValuePair<string, object?>>();
        if (logged.TryGetProperties(out var named))
            properties.AddRange(named!.Select(pair => new KeyValuePair<string, object?>(pair.Key, pair.Value)));
        return properties;
    }

    private static LogLevel LevelOf(AkkaLogLevel level) => level switch
    {
        AkkaLogLevel.DebugLevel => LogLevel.Debug,
        AkkaLogLevel.InfoLevel => LogLevel.Information,
        AkkaLogLevel.WarningLevel => LogLevel.Warning,
        _ => LogLevel.Error,
    };
}

/// <summary>One line with the values that were put into it, by the names that its template gives them.</summary>
internal sealed class LoggedEvent(string text, IReadOnlyList<KeyValuePair<string, object?>> properties) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public string Text => text;

    public int Count => properties.Count;

    public KeyValuePair<string, object?> this[int index] => properties[index];

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => properties.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => text;
}

/// <summary>
/// While a system ends, Akka writes what is still logged to standard output in a form of its own, whatever level is set: some lines of "Remoting shut down" that
/// would stand among the others and that no program could read.
/// </summary>
public sealed class SilentLogger : MinimalLogger
{
    protected override void Log(object message)
    {
    }
}
