using Akka.Actor;

namespace AkkaOverlay.Actors.Metrics;

/// <summary>
/// Counts the actors of one system that failed and were started again. Akka tells of each (akka.actor.telemetry); an actor that only began makes its row of
/// zero, so that the first restart is seen as an increase.
/// </summary>
public sealed class RestartCounter : ReceiveActor
{
    internal const string Name = "restart-counter";

    public RestartCounter()
    {
        string system = Context.System.Name;
        Receive<ActorStarted>(started =>
        {
            if (LabelOf(started.Subject.Path) is { } actor)
                OverlayMeter.ActorRestarted(system, actor, 0);
        });
        Receive<ActorRestarted>(restarted => OverlayMeter.ActorRestarted(system, LabelOf(restarted.Subject.Path) ?? Others, 1));
    }

    /// <summary>Akka's own actors, all together.</summary>
    internal const string Others = "akka";

    /// <summary>Path below /user with generated names as "*": few and the same in every run. Null for actors that are not ours.</summary>
    internal static string? LabelOf(ActorPath path)
    {
        var names = path.Elements;
        return names.Count < 2 || names[0] != "user" ? null : string.Join('/', names.Skip(1).Select(name => name.StartsWith('$') ? "*" : name));
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);
}
