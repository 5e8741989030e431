using System.Text.Json;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>HOCON of Akka.Persistence.Sql's journal and snapshot store.</summary>
internal static class SqlPlugins
{
    /// <param name="provider">As linq2db names it; a wrong name hangs every persistent actor without a word.</param>
    /// <param name="more">One setting for both plugins.</param>
    /// <remarks>
    /// Akka opens the circuit breaker after ten failures and leaves it open for a minute; a ledger is to be written again within seconds of its disk or its
    /// database being back. And Akka's replay filter, left on, drops the events of a writer that came back after another had written: a writer is for it an
    /// actor system and not an allocator's life, so that a hand-over there and back again would forget leases. The journal's key needs no such filter.
    /// </remarks>
    public static string Hocon(string connectionString, string provider, string more) => $$"""
        akka.persistence {
          journal.plugin = "akka.persistence.journal.sql"
          journal.sql {
            connection-string = {{Quoted(connectionString)}}
            provider-name = "{{provider}}"
            {{more}}
            circuit-breaker.call-timeout = 15s
            circuit-breaker.reset-timeout = 2s
            replay-filter.mode = off
          }
          snapshot-store.plugin = "akka.persistence.snapshot-store.sql"
          snapshot-store.sql {
            connection-string = {{Quoted(connectionString)}}
            provider-name = "{{provider}}"
            {{more}}
            circuit-breaker.call-timeout = 15s
            circuit-breaker.reset-timeout = 2s
          }
        }
        """;

    /// <summary>A quoted string of HOCON is one of JSON. What is typed may hold quotes.</summary>
    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
