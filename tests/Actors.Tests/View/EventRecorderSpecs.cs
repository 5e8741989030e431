using System.Collections.Immutable;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.LeaseFeed;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Tests.Cluster;
using AkkaOverlay.Actors.View;

namespace AkkaOverlay.Actors.Tests.View;

/// <summary>What is written down of a cluster of real overlay systems and of its ledger.</summary>
public sealed class EventRecorderSpecs : IDisposable
{
    private readonly OverlayLab lab = new(1);
    private readonly EventRing events = new(100, TimeProvider.System);

    public void Dispose() => lab.Dispose();

    [Fact]
    public void Who_comes_who_is_lost_and_who_goes_is_written_down_and_who_was_there_before_is_not()
    {
        lab.Start(1);
        lab.Start(2);
        lab.AwaitTogether([1, 2]);
        var recorder = lab.System(1)!.System.ActorOf(EventRecorder.Props(lab.Cluster(1), events));
        lab.Start(3);
        lab.Await(() => Said(3, EventWeight.Normal, "is up"), 20);
        lab.Stop(3);
        lab.Await(() => Said(3, EventWeight.Normal, "is no member any more"), 20);
        Assert.True(Said(3, EventWeight.Normal, "leaves the cluster"));
        lab.Kill(2);
        lab.Await(() => Said(2, EventWeight.Warning, "cannot be reached"), 20);
        Assert.False(Said(1, EventWeight.Normal, "is up"));
        Assert.False(Said(2, EventWeight.Normal, "is up"));

        // The ledger's steps come by the system's own stream; the first one that is heard is what there is, and no news.
        lab.System(1)!.System.Stop(recorder);
        var system = lab.System(1)!.System;
        var again = new EventRing(100, TimeProvider.System);
        system.ActorOf(EventRecorder.Props(lab.Cluster(1), again));
        lab.Await(() =>
        {
            // Until it listens: what nobody has heard is said again.
            system.EventStream.Publish(new LedgerFollowed(Ledger(8), null));
            system.EventStream.Publish(new LedgerFollowed(Ledger(8, 9), null));
            return again.Latest().Any(happened => happened is { Kind: EventKind.Lease, Weight: EventWeight.Normal, Host: "host9" } && happened.Text.StartsWith("got ", StringComparison.Ordinal));
        }, 10);
    }

    private bool Said(int number, EventWeight weight, string text) => events.Latest().Any(happened =>
        happened.Kind == EventKind.Member && happened.Weight == weight && happened.Host.StartsWith($"{lab.Address(number)}:", StringComparison.Ordinal) && happened.Text.StartsWith(text, StringComparison.Ordinal));

    private static HostProtocol.LedgerSeen Ledger(params int[] hosts) => new(
        new Guid(1, 2, 3, new byte[8]), hosts.Length, Samples.Version(Samples.IPv4Network), hosts.Select(number => Samples.Lease(number)).ToImmutableDictionary(lease => lease.Owner));
}
