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
                logger?.Log(LevelOf(logged.LogLevel()), logged.Cause, "{Message}", logged.Message);
                break;
        }
    }

    private static LogLevel LevelOf(AkkaLogLevel level) => level switch
    {
        AkkaLogLevel.DebugLevel => LogLevel.Debug,
        AkkaLogLevel.InfoLevel => LogLevel.Information,
        AkkaLogLevel.WarningLevel => LogLevel.Warning,
        _ => LogLevel.Error,
    };
}
