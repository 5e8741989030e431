using System.Net;
using Akka.Actor;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>
/// The way to the other seats. One that is silent is tried with a plain TCP connection before it gets another message: Akka's remoting shuts a gate for seconds
/// before an address that refused it, and a seat that comes back would stand before that gate. What is not sent is as good as lost, and the writer repeats it.
/// </summary>
internal sealed class SeatLinks(ActorSystem system, NetworkName network, IActorRef self)
{
    private static readonly TimeSpan Silent = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, Link> links = [];

    public sealed record Probed(string Seat, bool Listens);

    public void Send(string seat, object message, TimeSpan now)
    {
        var link = Of(seat);
        if (now - link.LastHeard < Silent || link.Listens)
        {
            link.Selection.Tell(message, self);
            // Once per answer or probe.
            if (now - link.LastHeard >= Silent)
                link.Listens = false;
        }
        else if (!link.Probing)
        {
            link.Probing = true;
            link.Held = message;
            PortProbe.Ask(link.EndPoint).PipeTo(self, success: state => new Probed(seat, state == PortState.Listens), failure: _ => new Probed(seat, false));
        }
    }

    public void Heard(string seat, TimeSpan now) => Of(seat).LastHeard = now;

    public void On(Probed probed)
    {
        var link = Of(probed.Seat);
        link.Probing = false;
        link.Listens = probed.Listens;
        if (probed.Listens && link.Held is { } held)
            link.Selection.Tell(held, self);
        link.Held = null;
    }

    private Link Of(string seat)
    {
        if (!links.TryGetValue(seat, out var link))
        {
            var endPoint = IPEndPoint.Parse(seat);
            links.Add(seat, link = new Link(endPoint, system.ActorSelection($"{OverlayAddress.Of(endPoint.Address, endPoint.Port)}/user/{JournalSeatActor.NameIn(network)}")));
        }
        return link;
    }

    private sealed class Link(IPEndPoint endPoint, ActorSelection selection)
    {
        public IPEndPoint EndPoint { get; } = endPoint;

        public ActorSelection Selection { get; } = selection;

        public TimeSpan LastHeard { get; set; } = -Silent;

        public bool Listens { get; set; }

        public bool Probing { get; set; }

        public object? Held { get; set; }
    }
}
