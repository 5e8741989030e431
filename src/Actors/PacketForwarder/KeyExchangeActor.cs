using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Proc;

namespace AkkaOverlay.Actors.PacketForwarder;

/// <summary>
/// Agrees on keys with the peers of an encrypted network: carries out what <see cref="PeerKeyExchange"/> says. The loops tell it what came and what is wanted; once
/// there is a session they need it no more.
/// </summary>
internal sealed class KeyExchangeActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    /// <summary>After a failure that nobody foresaw: what failed at once may do so again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Handshakes begun in one second without a packet that waits for them: so that a host that was started is heard from before it has anything to say.</summary>
    private const int GreetingsPerTick = 200;

    private readonly ForwarderEncryption encryption;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly Queue<PeerKeyExchange> toGreet = new();
    private ImmutableArray<PeerKeyExchange> peers = [];

    /// <summary>Without a socket an initiation would be lost, and the next one waits for its time.</summary>
    private bool loopsRun;

    public KeyExchangeActor(ForwarderEncryption encryption)
    {
        this.encryption = encryption;
        Receive<SetPeers>(set =>
        {
            foreach (var peer in set.Peers.Except(peers))
                toGreet.Enqueue(peer);
            peers = set.Peers;
            Greet();
        });
        Receive<LoopsAre>(now =>
        {
            loopsRun = now.Running;
            Greet();
        });
        Receive<Came>(came =>
        {
            encryption.Handled();
            var (peer, outputs) = encryption.Endpoint.Handle(came.Datagram, BootClock.Now);
            CarryOut(peer, outputs);
        });
        Receive<PeerKeyExchange>(peer => CarryOut(peer, peer.WantToSend(BootClock.Now)));
        Receive<SessionEntry>(entry =>
        {
            if (entry.Session is { } session)
                CarryOut(entry.Peer, entry.Peer.Confirm(session));
        });
        Receive<Tick>(_ =>
        {
            var now = BootClock.Now;
            foreach (var peer in peers)
                CarryOut(peer, peer.Tick(now));
            Greet();
        });
        Receive<AskForPeers>(_ => Context.Parent.Tell(PeersWanted.Instance));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ForwarderEncryption encryption) => Akka.Actor.Props.Create(() => new KeyExchangeActor(encryption));

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TickInterval);

    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        Timers.StartSingleTimer(nameof(AskForPeers), AskForPeers.Instance, Pause);
    }

    private void Greet()
    {
        for (int i = 0; loopsRun && i < GreetingsPerTick && toGreet.TryDequeue(out var peer); i++)
            CarryOut(peer, peer.WantToSend(BootClock.Now));
    }

    private void CarryOut(PeerKeyExchange? peer, ImmutableArray<KeyExchangeOutput> outputs)
    {
        foreach (var output in outputs)
        {
            switch (output)
            {
                case KeyExchangeOutput.Send send when peer?.Tag is KeyedPeer { Current: { } to }:
                    encryption.Send(to, send.Datagram.Span);
                    break;
                case KeyExchangeOutput.Installed or KeyExchangeOutput.Confirmed:
                    encryption.Wake();
                    break;
                case KeyExchangeOutput.GaveUp when peer?.Tag is KeyedPeer { Current: { } silent }:
                    log.Warning("{Peer} at {EndPoint} does not answer: no key could be agreed on with it", silent.Name, silent.EndPoint);
                    break;
                case KeyExchangeOutput.Refused refused:
                    log.Debug("A handshake was refused: {Reason}", refused.Reason);
                    break;
            }
        }
    }

    /// <summary>Where the loops leave what they have for the actor, also while that is being started again.</summary>
    internal sealed class Desk : IKeyExchangeDesk
    {
        private volatile IActorRef actor = ActorRefs.Nobody;

        public IActorRef Actor
        {
            set => actor = value;
        }

        public void Handshake(byte[] datagram) => actor.Tell(new Came(datagram));

        public void Wanted(PeerKeyExchange peer) => actor.Tell(peer);

        public void Opened(SessionEntry entry) => actor.Tell(entry);
    }

    internal sealed record SetPeers(ImmutableArray<PeerKeyExchange> Peers);

    internal sealed record LoopsAre(bool Running);

    /// <summary>This actor was started again after a failure that nobody foresaw: it knows neither peers nor loops.</summary>
    internal sealed record PeersWanted
    {
        public static readonly PeersWanted Instance = new();
    }

    private sealed record Came(byte[] Datagram);

    private sealed class AskForPeers : IDeadLetterSuppression
    {
        public static readonly AskForPeers Instance = new();
    }

    private sealed class Tick : IDeadLetterSuppression
    {
        public static readonly Tick Instance = new();
    }
}
