using Akka.Actor;
using Akka.Configuration;

namespace AkkaOverlay.Actors.Host;

/// <summary>
/// The local actor system that serves this host: it has no remoting and ends with the process, so no trouble in the cluster reaches it.
/// </summary>
public static class HostSystem
{
    public const string Name = "host";

    /// <summary>A thread of its own for each actor that waits for the kernel.</summary>
    public const string KernelDispatcher = "akka-overlay.kernel-dispatcher";

    public static Config Configuration => ConfigurationFactory.ParseString($$"""
        akka {
          actor.provider = local
          actor.telemetry.enabled = on
          loggers = ["{{Logging.LoggerTypeName}}"]
          loglevel = INFO
          stdout-loglevel = OFF
          stdout-logger-class = "{{Logging.SilentTypeName}}"
          log-dead-letters = off
          coordinated-shutdown.exit-clr = off
          coordinated-shutdown.run-by-clr-shutdown-hook = off
        }
        {{KernelDispatcher}} {
          type = PinnedDispatcher
        }
        """);
}
