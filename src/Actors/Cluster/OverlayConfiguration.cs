using System.Globalization;
using Akka.Configuration;
using AkkaOverlay.Actors.Cluster.Downing;
using AkkaOverlay.Actors.Wire;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>The overlay system's HOCON: made here and nowhere else, from typed settings. Users never write any.</summary>
internal static class OverlayConfiguration
{
    public static Config Of(OverlaySettings settings)
    {
        var config = ConfigurationFactory.ParseString(Base(settings));
        if (settings.Core is { } core)
            config = ConfigurationFactory.ParseString(core.Journal.Hocon).WithFallback(config).WithFallback(SqliteJournal.Defaults);
        return config;
    }

    private static string Base(OverlaySettings settings)
    {
        var roles = settings.Core is null ? settings.Roles : [OverlaySettings.CoreRole, .. settings.Roles];
        return string.Create(CultureInfo.InvariantCulture, $$"""
            akka {
              loggers = ["{{Logging.LoggerTypeName}}"]
              loglevel = INFO
              stdout-loglevel = OFF
              stdout-logger-class = "{{Logging.SilentTypeName}}"
              log-dead-letters = off
              log-dead-letters-during-shutdown = off
              coordinated-shutdown.exit-clr = off
              coordinated-shutdown.run-by-clr-shutdown-hook = off
              actor {
                provider = cluster
                telemetry.enabled = on
                serializers {
                  json = "{{TypeName<DenySerializer>()}}"
                  overlay = "{{TypeName<OverlaySerializer>()}}"
                }
                serialization-identifiers {
                  "{{TypeName<DenySerializer>()}}" = {{DenySerializer.JsonIdentifier}}
                  "{{TypeName<OverlaySerializer>()}}" = {{OverlaySerializer.OverlayIdentifier}}
                }
                serialization-bindings {
                  "{{TypeName<IOverlayMessage>()}}" = overlay
                }
              }
              remote.dot-netty.tcp {
                hostname = "{{OverlayAddress.HostName(settings.Bind)}}"
                public-hostname = "{{OverlayAddress.HostName(settings.Address)}}"
                port = {{settings.Port}}
                maximum-frame-size = 512000b
                send-buffer-size = 1024000b
                receive-buffer-size = 1024000b
              }
              cluster {
                log-info = off
                roles = [{{string.Join(", ", roles.Select(role => $"\"{role}\""))}}]
                retry-unsuccessful-join-after = 1s
                seed-node-timeout = 1s
                gossip-interval = 500ms
                leader-actions-interval = 500ms
                unreachable-nodes-reaper-interval = 500ms
                downing-provider-class = "{{TypeName<OverlayDowningProvider>()}}"
                down-removal-margin = 1s
                failure-detector {
                  {{FailureDetector(settings)}}
                  acceptable-heartbeat-pause = 3s
                }
                singleton-proxy {
                  singleton-identification-interval = 200ms
                  log-singleton-identification-failure = off
                }
              }
            }
            """);
    }

    /// <summary>
    /// A node's own setting says whom it watches and what it thinks of them. Every core host watches every member; a plain host nobody, and reports nobody.
    /// </summary>
    private static string FailureDetector(OverlaySettings settings) => settings.Core is null
        ? $"""
           implementation-class = "{TypeName<AlwaysAvailable>()}"
           monitored-by-nr-of-members = 1
           """
        : "monitored-by-nr-of-members = 10000";

    private static string TypeName<T>() => $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}";
}
