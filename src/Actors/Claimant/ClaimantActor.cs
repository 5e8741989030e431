using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Extension;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Actors.Claimant;

/// <summary>What a host claims with.</summary>
/// <param name="Held">What its disk says that it holds.</param>
/// <param name="LocalNetwork">Its own net-conf.json, where it has one: only a first guess, the ledger's configuration counts.</param>
public sealed record ClaimSettings(NodeId Node, string NodeName, Underlay Underlay, HeldLease? Held, NetworkConfig? LocalNetwork)
{
    /// <summary>New for every process; the same for all lives of the overlay system in it.</summary>
    public Guid Incarnation { get; init; }

    /// <summary>This host's static public key; null where it has none.</summary>
    public PublicKey? TunnelKey { get; init; }

    /// <summary>What its PreStartupCommand printed; null where none has run.</summary>
    public Func<PublishedData?>? Published { get; init; }
}

/// <summary>
/// Claims this host's lease at every start of the overlay system, says again and again that the host lives, and gives the lease back when told to.
/// Every message may be lost: each is repeated until it is answered.
/// </summary>
public sealed class ClaimantActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Unanswered = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromSeconds(5);

    private readonly ClaimSettings settings;
    private readonly IActorRef allocator;
    private readonly IActorRef host;
    private readonly ILoggingAdapter log = Context.GetLogger();

    private NetworkConfig? network;

    /// <summary><see cref="network"/> is the ledger's.</summary>
    private bool isLedgers;

    /// <summary>Null until the host has said something else: then it is the network's.</summary>
    private EquatableArray<BackEndConfig>? served;

    /// <summary>Of <see cref="network"/>, as the allocator has it: another release may write the same configuration in other words.</summary>
    private string? fingerprint;
    private HeldLease? held;
    private int underlayMtu;
    private bool warnedOfDifference;
    private IActorRef? releaseAskedBy;
    private bool released;

    public ClaimantActor(ClaimSettings settings, IActorRef allocator, IActorRef host)
    {
        this.settings = settings;
        this.allocator = allocator;
        this.host = host;
        network = settings.LocalNetwork;
        fingerprint = network is null ? null : NetConf.Fingerprint(network);
        held = settings.Held;
        underlayMtu = settings.Underlay.Mtu;
        Claiming();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ClaimSettings settings, IActorRef allocator, IActorRef host) =>
        Akka.Actor.Props.Create(() => new ClaimantActor(settings, allocator, host));

    /// <summary>Give the lease back; answered by <see cref="HostProtocol.LeaseEnded"/> once the ledger has it so.</summary>
    public sealed record GiveBack
    {
        public static readonly GiveBack Instance = new();
    }

    protected override void PreStart() => Claim();

    private void Claiming()
    {
        Receive<Tick>(_ => Claim());
        Receive<HostProtocol.ClaimNow>(message =>
        {
            served = message.Served ?? served;
            underlayMtu = message.UnderlayMtu ?? underlayMtu;
            Claim();
        });
        Receive<LeaseProtocol.NetworkIs>(message =>
        {
            bool again = fingerprint == message.Fingerprint;
            Adopt(message);
            if (!again)
                Claim();
        });
        Receive<LeaseProtocol.Granted>(granted =>
        {
            Adopt(granted.Network.Config);
            held = new HeldLease(granted.Lease.Subnets, granted.Lease.Generation);
            host.Tell(new HostProtocol.LeaseHeld(granted.Lease, granted.Network, granted.Conflict));
            Next(Renewal);
        });
        Receive<LeaseProtocol.Refused>(refused =>
        {
            bool clone = refused.Reason == RefusalReason.Clone;
            // It is not this host's to claim, nor to give back.
            if (clone)
                held = null;
            host.Tell(new HostProtocol.LeaseRefused(refused.Text, clone));
            Next(refused.Reason == RefusalReason.NoNetwork ? Unanswered : AfterRefusal);
        });
        Receive<LeaseProtocol.StillThere>(SayIAmHere);
        Receive<GiveBack>(_ =>
        {
            releaseAskedBy = Sender;
            Become(Releasing);
            Release();
        });
    }

    private void Releasing()
    {
        Receive<Tick>(_ => Release());
        Receive<LeaseProtocol.Released>(_ => Ended());
        // What is held is the ledger's word: a claim that was under way, or a newer hold than the one that this host remembers.
        Receive<LeaseProtocol.Granted>(granted =>
        {
            held = new HeldLease(granted.Lease.Subnets, granted.Lease.Generation);
            GiveBackHeld();
        });
        Receive<LeaseProtocol.NetworkIs>(message =>
        {
            Adopt(message);
            // An answer to a claim of before: another one would be granted.
            if (held is null && !released)
                Claim();
        });
        Receive<LeaseProtocol.Refused>(_ => Ended());
        Receive<LeaseProtocol.StillThere>(SayIAmHere);
        Receive<GiveBack>(_ =>
        {
            releaseAskedBy = Sender;
            if (released)
                Sender.Tell(new HostProtocol.LeaseEnded());
        });
        ReceiveAny(_ => { });
    }

    private void Claim()
    {
        var claim = new LeaseCommand.Claim(settings.Node, settings.NodeName, settings.Underlay.Public, Offers(), held) { UnderlayMtu = underlayMtu };
        allocator.Tell(new LeaseProtocol.Claim(claim, fingerprint) { Incarnation = settings.Incarnation });
        Next(Unanswered);
    }

    private EquatableArray<Offer> Offers() => network is null ? [] : (served ?? [network.BackEnd]).Items
        .SelectMany(backEnd => Planner.Offers(new HostFacts(settings.Node, settings.Underlay, network with { BackEnd = backEnd }) { TunnelKey = settings.TunnelKey, Published = settings.Published?.Invoke() }).Items)
        .ToEquatableArray();

    private void Release()
    {
        if (released)
            return;
        if (held is null)
        {
            // Nobody knows whether the ledger has a lease for this host: a claim tells.
            Claim();
            return;
        }
        GiveBackHeld();
        Next(Unanswered);
    }

    private void GiveBackHeld() => allocator.Tell(new LeaseProtocol.Release(settings.Node, held!.Generation) { Incarnation = settings.Incarnation });

    private void SayIAmHere(LeaseProtocol.StillThere question)
    {
        if (question.Owner == settings.Node && !released)
            Sender.Tell(new LeaseProtocol.IAmHere(settings.Node, settings.Incarnation));
    }

    /// <summary>Said once: of several releases that were under way each is answered.</summary>
    private void Ended()
    {
        if (released)
            return;
        Timers.Cancel(nameof(Tick));
        released = true;
        var ended = new HostProtocol.LeaseEnded();
        host.Tell(ended);
        releaseAskedBy?.Tell(ended);
    }

    private void Adopt(LeaseProtocol.NetworkIs message)
    {
        Adopt(message.Network.Config);
        fingerprint = message.Fingerprint;
    }

    private void Adopt(NetworkConfig theirs)
    {
        if (network is not null && network != theirs && !warnedOfDifference)
        {
            warnedOfDifference = true;
            log.Warning("This host's net-conf.json differs from the ledger's configuration, which counts");
        }
        // Reached as before, until the host says that another back end's devices stand.
        if (isLedgers && network!.BackEnd.Type != theirs.BackEnd.Type)
            served ??= [network.BackEnd];
        network = theirs;
        isLedgers = true;
    }

    private void Next(TimeSpan delay) => Timers.StartSingleTimer(nameof(Tick), Tick.Instance, delay);

    private sealed class Tick : IDeadLetterSuppression
    {
        public static readonly Tick Instance = new();
    }
}
