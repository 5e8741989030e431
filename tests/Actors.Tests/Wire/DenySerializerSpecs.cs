using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Tests.Cluster;
using AkkaOverlay.Actors.Wire;

namespace AkkaOverlay.Actors.Tests.Wire;

/// <summary>The real overlay configuration; the seed that it names is not there, so the systems know nothing of each other but an address.</summary>
public sealed class DenySerializerSpecs : IDisposable
{
    private const string Gadget = """{"$type":"System.IO.FileInfo, System.Private.CoreLib","fileName":"/tmp/gadget"}""";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly List<ActorSystem> systems = [];

    public void Dispose() => Task.WaitAll([.. systems.Select(system => system.Terminate())], Patience);

    public sealed record Unbound(string Text);

    [Fact]
    public void Bytes_in_akka_s_default_format_are_refused()
    {
        var serialization = Start(OverlayConfig()).Serialization;
        byte[] bytes = Encoding.UTF8.GetBytes(Gadget);
        foreach (string manifest in (string[])["", "System.IO.FileInfo, System.Private.CoreLib", "System.Object"])
            Assert.Throws<SerializationException>(() => serialization.Deserialize(bytes, DenySerializer.JsonIdentifier, manifest));
        Assert.Throws<SerializationException>(() => serialization.Deserialize(bytes, DenySerializer.JsonIdentifier, typeof(FileInfo)));
    }

    [Fact]
    public void The_same_bytes_make_a_file_info_where_akka_s_default_is_left_in_place()
    {
        // The twin that shows that the test above can fail.
        var made = Start(ConfigurationFactory.Empty).Serialization.Deserialize(Encoding.UTF8.GetBytes(Gadget), DenySerializer.JsonIdentifier, "System.IO.FileInfo, System.Private.CoreLib");
        Assert.IsType<FileInfo>(made);
    }

    [Fact]
    public void A_type_that_is_bound_to_nothing_is_not_written()
    {
        var serialization = Start(OverlayConfig()).Serialization;
        foreach (object unbound in (object[])[new Unbound("x"), new FileInfo("/tmp/x"), new Dictionary<string, object>()])
            Assert.Throws<SerializationException>(() => serialization.Serialize(unbound));
        Assert.IsType<OverlaySerializer>(serialization.FindSerializerFor(new NodeProtocol.LeaveOverlay()));
    }

    [Fact]
    public async Task Over_the_network_only_overlay_messages_arrive()
    {
        var receiver = Start(OverlayConfig());
        var sender = Start(OverlayConfig());
        var inbox = Inbox.Create(receiver);
        receiver.ActorOf(Props.Create(() => new Forwarder(inbox.Receiver)), "target");
        var target = sender.ActorSelection($"{AddressOf(receiver)}/user/target");

        var last = await Roundtrip(target, inbox, new NodeProtocol.WhoAreYou("first", 1), () => { });
        Assert.Equal("first", last.Address);
        last = await Roundtrip(target, inbox, new NodeProtocol.WhoAreYou("second", 2), () => target.Tell(new Unbound("does not arrive")));
        Assert.Equal("second", last.Address);
    }

    [Fact]
    public async Task A_sender_with_akka_s_default_format_reaches_nobody_and_harms_nobody()
    {
        var receiver = Start(OverlayConfig());
        // Everything as in the overlay but the denial: a rogue, or an attacker.
        var rogue = Start(ConfigurationFactory.ParseString($$"""
            akka.actor.serializers.json = "{{typeof(Akka.Serialization.NewtonSoftJsonSerializer).FullName}}, Akka"
            akka.actor.serialization-identifiers { "{{typeof(Akka.Serialization.NewtonSoftJsonSerializer).FullName}}, Akka" = 1 }
            """).WithFallback(OverlayConfig()));
        var inbox = Inbox.Create(receiver);
        receiver.ActorOf(Props.Create(() => new Forwarder(inbox.Receiver)), "target");
        var target = rogue.ActorSelection($"{AddressOf(receiver)}/user/target");
        Assert.IsType<Akka.Serialization.NewtonSoftJsonSerializer>(rogue.Serialization.FindSerializerFor(new Unbound("x")));

        await Roundtrip(target, inbox, new NodeProtocol.WhoAreYou("first", 1), () => { });
        var last = await Roundtrip(target, inbox, new NodeProtocol.WhoAreYou("second", 2), () => target.Tell(new Unbound("does not arrive")));
        Assert.Equal("second", last.Address);
        Assert.False(receiver.WhenTerminated.IsCompleted);
    }

    /// <summary>Sends until it arrives; anything else that arrives before is the failure.</summary>
    private static async Task<NodeProtocol.WhoAreYou> Roundtrip(ActorSelection target, Inbox inbox, NodeProtocol.WhoAreYou message, Action before)
    {
        before();
        var deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            target.Tell(message);
            try
            {
                var arrived = await inbox.ReceiveAsync(TimeSpan.FromMilliseconds(500));
                var who = Assert.IsType<NodeProtocol.WhoAreYou>(arrived is Status.Failure { Cause: TimeoutException } timeout ? throw timeout.Cause : arrived);
                if (who == message)
                    return who;
            }
            catch (TimeoutException) when (DateTime.UtcNow < deadline)
            {
                // The connection is being made.
            }
        }
    }

    private ActorSystem Start(Config config)
    {
        var system = ActorSystem.Create(OverlayAddress.SystemName, config);
        systems.Add(system);
        return system;
    }

    private static Config OverlayConfig() => OverlayConfiguration.Of(OverlaySettingsSamples.Of(node: 1, port: 0, seedPort: OverlaySettingsSamples.FreePort()));

    private static string AddressOf(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress.ToString();

    private sealed class Forwarder : ReceiveActor
    {
        public Forwarder(IActorRef to) => ReceiveAny(to.Tell);
    }
}
