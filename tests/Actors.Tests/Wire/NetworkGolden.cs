using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.Wire;

namespace AkkaOverlay.Actors.Tests.Wire;

/// <summary>The bytes of messages about the network's configuration, for ever.</summary>
internal static class NetworkGolden
{
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000);

    /// <summary>The configuration, without the field and the length around it.</summary>
    private static readonly string Network = GoldenBytes.All[11][6..];

    private static readonly TimeSpan Trial = TimeSpan.FromSeconds(20);

    public static IEnumerable<(string Manifest, string Hex, IOverlayMessage Message)> All =>
    [
        ("os", $"0803{Network[4..]}1801", new LeaseProtocol.SetNetwork(3, Samples.IPv4Network, true)),
        ("oc", "080310011a1e0a0b4261636b656e642e4d54551201301a043134303020022a046e6f74652002", new LeaseProtocol.NetworkCompared(3, true, [new FieldChange("Backend.MTU", "0", "1400", ChangeEffect.InPlace, "note")], 2)),
        ("on", "", new LeaseProtocol.DescribeNetwork()),
        ("ov", GoldenBytes.All[11] + "12100880a0f1c2b13410a09c011a03776879180320022a0568313a2078", new LeaseProtocol.NetworkDescribed(Samples.Version(Samples.IPv4Network), At, Trial, "why", 3, 2, ["h1: x"])),
        ("fr", "0803", new LeaseProtocol.ReportNetwork(3, null)),
        ("fr", $"0803{Network[4..]}", new LeaseProtocol.ReportNetwork(3, Samples.IPv4Network)),
        ("fr", $"0803{Network[4..]}1807", new LeaseProtocol.ReportNetwork(3, Samples.IPv4Network, 7)),
        ("fa", "0a100000000100010002030405060708090a10031804220464656164", new LeaseProtocol.NetworkReport(Samples.Node(1), 3, NetworkProgress.Failing, "dead")),
        ("fa", "0a100000000100010002030405060708090a10031804220464656164" + "2a026e6f", new LeaseProtocol.NetworkReport(Samples.Node(1), 3, NetworkProgress.Failing, "dead", "no")),
        ("fa", "0a100000000100010002030405060708090a10031804220464656164" + "2a026e6f3007", new LeaseProtocol.NetworkReport(Samples.Node(1), 3, NetworkProgress.Failing, "dead", "no", 7)),
        // The former release's event, and behind it what it passes over.
        ("je", GoldenBytes.All[11] + "4a0b0880a0f1c2b13410a09c01", new LedgerEntry(new LeaseEvent.NetworkSet(1, Samples.IPv4Network) { Note = new NetworkNote(At, Trial, null) })),
        ("je", GoldenBytes.All[11] + "4a0c0880a0f1c2b1341a03776879", new LedgerEntry(new LeaseEvent.NetworkSet(1, Samples.IPv4Network) { Note = new NetworkNote(At, null, "why") })),
        ("js", $"0809129a02{Network}22002a00320b0880a0f1c2b13410a09c013a9a02{Network}", new LedgerSnapshot(9, Samples.Version(Samples.IPv4Network), [], new SpaceSnapshot([], [], [], []), new SpaceSnapshot([], [], [], []))
        {
            Standing = new NetworkStanding(At, new NetworkTrial(Samples.Version(Samples.IPv4Network), Trial), null),
        }),
    ];
}
