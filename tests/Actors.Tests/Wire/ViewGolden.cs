using AkkaOverlay.Actors.Tests.View;
using AkkaOverlay.Actors.View;
using AkkaOverlay.Actors.Wire;

namespace AkkaOverlay.Actors.Tests.Wire;

/// <summary>What the first release with a live page wrote. A line here never changes; new ones are added.</summary>
internal static class ViewGolden
{
    public static readonly (string Manifest, string Hex, IOverlayMessage Message)[] All =
    [
        ("vq", "08ac02", new ViewProtocol.DescribeHost(300)),
        ("va", "", new ViewProtocol.HostDescribed(300, ViewSamples.View(1))),
        ("va", "", new ViewProtocol.HostDescribed(300, ViewSamples.View(1) with { Problem = "tunnels: 1 missing", Traffic = null, Ways = [], Events = [] })),
    ];
}
