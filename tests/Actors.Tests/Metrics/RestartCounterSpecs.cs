using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Metrics;

namespace AkkaOverlay.Actors.Tests.Metrics;

/// <summary>In a system configured as the host's own, but for its name: the meter is one for the process.</summary>
public sealed class RestartCounterSpecs() : TestKit(ConfigurationFactory.ParseString("akka.loggers = []").WithFallback(HostSystem.Configuration), $"restarts-{Guid.NewGuid():n}")
{
    [Fact]
    public void An_actor_that_fails_is_counted_by_its_path_and_was_there_with_zero_before()
    {
        var counts = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "akka_overlay_actor_restarts_total")
                    listening.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, more, tags, _) =>
        {
            var (system, actor) = ("", "");
            foreach (var (name, value) in tags)
                (system, actor) = name == "system" ? ((string)value!, actor) : (system, (string)value!);
            if (system == Sys.Name)
                counts.AddOrUpdate(actor, more, (_, before) => before + more);
        });
        listener.Start();
        RestartCounting.StartIn(Sys);
        AwaitAssert(() => Assert.Equal(0, counts["akka"]));
        var fragile = Sys.ActorOf(Akka.Actor.Props.Create(() => new Fragile()), "fragile");
        AwaitAssert(() => Assert.Equal((0, 0), (counts["fragile"], counts["fragile/*"])));
        fragile.Tell("break");
        fragile.Tell("break");
        AwaitAssert(() => Assert.Equal(2, counts["fragile"]));
        Assert.DoesNotContain(counts.Keys, name => name.Contains('$', StringComparison.Ordinal));
    }

    private sealed class Fragile : ReceiveActor
    {
        public Fragile()
        {
            Context.ActorOf(Akka.Actor.Props.Create(() => new Child()));
            Receive<string>(_ => throw new InvalidOperationException("as asked"));
        }
    }

    private sealed class Child : ReceiveActor
    {
        public Child() => ReceiveAny(_ => { });
    }
}
