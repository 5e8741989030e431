using Akka.Actor;

namespace AkkaOverlay.Actors.Metrics;

public static class RestartCounting
{
    /// <summary>Starts a <see cref="RestartCounter"/>. Before any other actor of the system: it hears of all that are started after this call.</summary>
    public static void StartIn(ActorSystem system)
    {
        var counter = system.ActorOf(Props.Create(() => new RestartCounter()), RestartCounter.Name);
        OverlayMeter.ActorRestarted(system.Name, RestartCounter.Others, 0);
        system.EventStream.Subscribe(counter, typeof(ActorStarted));
        system.EventStream.Subscribe(counter, typeof(ActorRestarted));
    }
}
