using AkkaOverlay.Actors.View;

namespace AkkaOverlay.Actors.Tests.View;

internal static class ViewSamples
{
    public static HostView View(int n) => new(
        Samples.Node(n),
        $"host{n}",
        "0.1.0",
        TimeSpan.FromSeconds(300),
        null,
        1,
        1450,
        new TunnelTraffic("flannel.1", 1000, 10, 2000, 20),
        [new PeerWay(Samples.Node(n + 1), WayState.Answers, 210)],
        [new OverlayEvent(7, EventKind.Repair, EventWeight.Warning, "", "put right", TimeSpan.FromMilliseconds(1500))]);
}
