using System.Globalization;
using Akka.Configuration;
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
              log-dead-letters = off
              log-dead-letters-during-shutdown = off
              coordinated-shutdown.exit-clr = off
              coordinated-shutdown.run-by-clr-shutdown-hook = off
              actor {
                provider = cluster
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
              # A host that was not there yet is asked again soon: the seed may be starting at this moment.
              remote.retry-gate-closed-for = 500ms
              remote.dot-netty.tcp {
                hostname = "{{OverlayAddress.HostName(settings.Address)}}"
                bind-hostname = "{{OverlayAddress.HostName(settings.Bind)}}"
                port = {{settings.Port}}
                maximum-frame-size = 512000b
                send-buffer-size = 1024000b
                receive-buffer-size = 1024000b
              }
              cluster {
                log-info = off
                seed-nodes = [{{string.Join(", ", settings.Seeds.Seeds.Select(seed => $"\"{OverlayAddress.Of(seed.Address, seed.Port)}\""))}}]
                roles = [{{string.Join(", ", roles.Select(role => $"\"{role}\""))}}]
                retry-unsuccessful-join-after = 2s
                seed-node-timeout = {{(settings.Core is null ? "1s" : "5s")}}
                gossip-interval = 500ms
                leader-actions-interval = 500ms
                downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
                down-removal-margin = 1s
                failure-detector.acceptable-heartbeat-pause = 3s
                split-brain-resolver {
                  active-strategy = static-quorum
                  stable-after = 7s
                  down-all-when-unstable = off
                  static-quorum {
                    quorum-size = {{settings.Seeds.Quorum}}
                    role = "{{OverlaySettings.CoreRole}}"
                  }
                }
                singleton-proxy {
                  singleton-identification-interval = 200ms
                  log-singleton-identification-failure = off
                }
              }
            }
            """);
    }

    private static string TypeName<T>() => $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}";
}
