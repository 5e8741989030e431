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
        ("va", "08ac0212100000000100010002030405060708090a1a05686f7374312205302e312e3028e0a712380140aa0b4a150a09666c616e6e656c"
            + "2e3110e807180a20d00f281452170a100000000200010002030405060708090a100318d2015a140807100318012a097075742072696768"
            + "7430dc0b", new ViewProtocol.HostDescribed(300, ViewSamples.View(1))),
        ("va", "08ac0212100000000100010002030405060708090a1a05686f7374312205302e312e3028e0a712321274756e6e656c733a2031206d6973"
            + "73696e67380140aa0b", new ViewProtocol.HostDescribed(300, ViewSamples.View(1) with { Problem = "tunnels: 1 missing", Traffic = null, Ways = [], Events = [] })),
    ];
}
