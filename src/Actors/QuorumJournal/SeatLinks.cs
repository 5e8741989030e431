using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using AkkaOverlay.Actors.Cluster;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>
/// The way to the other seats. One that is silent is tried with a plain TCP connection before it gets another message: Akka's remoting shuts a gate for seconds
/// before an address that refused it, and a seat that comes back would stand before that gate. What is not sent is as good as lost, and the writer repeats it.
/// </summary>
internal sealed class SeatLinks(ActorSystem system, IActorRef self)
{
    private static readonly TimeSpan Silent = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

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
            Listens(link.EndPoint).PipeTo(self, success: listens => new Probed(seat, listens));
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
            links.Add(seat, link = new Link(endPoint, system.ActorSelection($"{OverlayAddress.Of(endPoint.Address, endPoint.Port)}/user/{JournalSeatActor.Name}")));
        }
        return link;
    }

    private static async Task<bool> Listens(IPEndPoint seat)
    {
        using var socket = new Socket(seat.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var patience = new CancellationTokenSource(ProbeTimeout);
        try
        {
            await socket.ConnectAsync(seat, patience.Token);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
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
