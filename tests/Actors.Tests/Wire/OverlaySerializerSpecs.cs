using System.Runtime.Serialization;
using Akka.Actor;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Explain;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.Wire;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Noise;
using CsCheck;
using Google.Protobuf;
using Proto = AkkaOverlay.Actors.Wire.Proto;

namespace AkkaOverlay.Actors.Tests.Wire;

public sealed class OverlaySerializerSpecs : IDisposable
{
    /// <summary>Field 1000, a varint: what a newer release might add to any message.</summary>
    private static readonly byte[] UnknownField = [0xC0, 0x3E, 0x01];

    private static readonly Guid Epoch = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");

    private readonly ActorSystem system = ActorSystem.Create("serializer");
    private readonly OverlaySerializer serializer;

    public OverlaySerializerSpecs() => serializer = new OverlaySerializer((ExtendedActorSystem)system);

    public void Dispose() => system.Dispose();

    public static TheoryData<string> Manifests => [.. OverlaySerializer.Manifests.Order(StringComparer.Ordinal)];

    /// <summary>The wire format, for ever: bytes that an earlier release wrote must be read, and written by this one alike.</summary>
    public static TheoryData<string, string, IOverlayMessage> Golden
    {
        get
        {
            var rows = LeaseGolden;
            foreach (var (manifest, hex, message) in QuorumGolden.All.Concat(ViewGolden.All).Concat(NetworkGolden.All))
                rows.Add(manifest, hex, message);
            return rows;
        }
    }

    private static TheoryData<string, string, IOverlayMessage> LeaseGolden => new()
    {
        { "lc", GoldenBytes.All[0], new LeaseProtocol.Claim(Samples.Claim(1, new HeldLease(Samples.Lease(1).Subnets, 5)), "ab12") },
        { "lc", GoldenBytes.All[1], new LeaseProtocol.Claim(Samples.Claim(1), null) },
        { "lg", GoldenBytes.All[2], new LeaseProtocol.Granted(Samples.DualLease(1, Samples.Vxlan(1, 7), new HostGwOffer(), new AllocOffer()), Samples.Version(Samples.DualNetwork), "why") },
        // With the underlay's MTU; the two above are from before it was said.
        { "lc", GoldenBytes.All[1] + "40f80a", new LeaseProtocol.Claim(Samples.Claim(1) with { UnderlayMtu = 1400 }, null) },
        { "lx", GoldenBytes.All[3], new LeaseProtocol.Refused(RefusalReason.OutOfSubnets, "out of subnets") },
        { "ln", GoldenBytes.All[4] + "12026162", new LeaseProtocol.NetworkIs(Samples.Version(Samples.IPv6Network), "ab") },
        { "lr", GoldenBytes.All[5], new LeaseProtocol.Release(Samples.Node(1), 5) },
        { "ld", GoldenBytes.All[6], new LeaseProtocol.Released(Samples.Node(1), 5) },
        { "fw", GoldenBytes.All[7], new LeaseProtocol.Watch(Samples.Node(1), Epoch, 300) },
        { "fs", GoldenBytes.All[8], new LeaseProtocol.Snapshot(Epoch, 300, Samples.Version(Samples.IPv4Network), [Samples.Lease(1), Samples.Lease(2)], 1, 3) },
        { "fc", GoldenBytes.All[9], new LeaseProtocol.Change(Epoch, 299, 300, new LeaseEvent.Granted(Samples.Lease(1))) },
        { "fu", GoldenBytes.All[10], new LeaseProtocol.UpToDate(Epoch, 300) },
        { "je", GoldenBytes.All[11], new LedgerEntry(new LeaseEvent.NetworkSet(1, Samples.IPv4Network)) },
        { "je", GoldenBytes.All[12], new LedgerEntry(new LeaseEvent.Granted(Samples.Lease(1))) },
        { "je", GoldenBytes.All[13], new LedgerEntry(new LeaseEvent.Changed(Samples.Lease(1))) },
        { "je", GoldenBytes.All[14], new LedgerEntry(new LeaseEvent.Released(Samples.Node(1), 5)) },
        { "nw", GoldenBytes.All[15], new NodeProtocol.WhoAreYou("akka.tcp://overlay@192.168.7.1:4053", -5) },
        { "ni", GoldenBytes.All[16], new NodeProtocol.IAm("akka.tcp://overlay@192.168.7.1:4053", 7, true, false, 0) },
        { "ni", GoldenBytes.All[19], new NodeProtocol.IAm("akka.tcp://overlay@192.168.7.1:4053", 7, true, false, 3) },
        { "nl", GoldenBytes.All[17], new NodeProtocol.LeaveOverlay() },
        { "nl", GoldenBytes.All[17] + "08d804", new NodeProtocol.LeaveOverlay { Drain = TimeSpan.FromMinutes(10) } },
        { "nl", GoldenBytes.All[17] + "0800", new NodeProtocol.LeaveOverlay { Drain = TimeSpan.Zero } },
        { "na", GoldenBytes.All[18], new NodeProtocol.LeavingOverlay(true, "bye") },
        { "sn", GoldenBytes.All[20], new NodeProtocol.SeatNews("a", ["a", "b"], Epoch, true, true, 2, ["b"], true, true) },
        { "sr", GoldenBytes.All[21], new NodeProtocol.VoteRequest("a", 300, Epoch, ["a", "b"], true) },
        { "sr", GoldenBytes.All[22], new NodeProtocol.VoteRequest("a", 300, null, ["a"], false) },
        // With the ledger, and a ballot of the whole list.
        { "sn", GoldenBytes.All[20] + "521a0a0671756f72756d121000112233445566778899aabbccddeeff", new NodeProtocol.SeatNews("a", ["a", "b"], Epoch, true, true, 2, ["b"], true, true, new("quorum", Epoch)) },
        { "sr", GoldenBytes.All[21] + "30013a080a0673716c697465", new NodeProtocol.VoteRequest("a", 300, Epoch, ["a", "b"], true, true, new("sqlite", null)) },
        // With the network's name.
        { "nw", GoldenBytes.All[15] + "1a04626c7565", new NodeProtocol.WhoAreYou("akka.tcp://overlay@192.168.7.1:4053", -5) { Network = "blue" } },
        { "ni", GoldenBytes.All[16] + "3204626c7565", new NodeProtocol.IAm("akka.tcp://overlay@192.168.7.1:4053", 7, true, false, 0) { Network = "blue" } },
        { "sn", GoldenBytes.All[20] + "5a04626c7565", new NodeProtocol.SeatNews("a", ["a", "b"], Epoch, true, true, 2, ["b"], true, true) { Network = "blue" } },
        { "sv", GoldenBytes.All[23], new NodeProtocol.Vote("b", 300, true, ["a", "b"]) },
        { "sc", GoldenBytes.All[24], new NodeProtocol.CoreViews([new NodeProtocol.CoreView(-5, 300, [1, -2], [3]), new NodeProtocol.CoreView(7, 1, [], [])]) },
        { "np", GoldenBytes.All[25], new NodeProtocol.ExplainPath(Samples.Node(1), Samples.Address("10.244.1.2"), Samples.Address("10.244.2.2"), PathSide.Sending, Samples.Address("192.168.7.2"), 1500) },
        { "pa", "0a100000000100010002030405060708090a1205686f737432" + "1a0a0a040af4020010c0b802" + "21efcdab8967452301" + "28aa0b" + "3801", new ProbeProtocol.Announcement(
            Samples.Node(1), "host2", [new System.Net.IPEndPoint(Samples.Address("10.244.2.0"), 40_000)], new ProbeToken(0x0123456789abcdef), 1450, null, true) },
        { "ne", GoldenBytes.All[26], new NodeProtocol.PathExplained(Samples.Node(1), "h1", 1500, [PathStep.Ok("route", "a"), new PathStep("mtu", StepState.Broken, "a", "b", "c", "d")]) },
    };

    public static TheoryData<string, string, IOverlayMessage> GoldenOfLeases => new()
    {
        { "lc", GoldenBytes.Leases[0], new LeaseProtocol.Claim(Samples.Claim(1), null) { Incarnation = Epoch } },
        { "lc", "0a100000000100010002030405060708090a1205686f7374311a060a04c0a80701220b52090a076177732d767063", new LeaseProtocol.Claim(Samples.Claim(1) with { Offers = [new CloudOffer("aws-vpc")] }, null) },
        { "lc", "0a100000000100010002030405060708090a1205686f7374311a060a04c0a8070122083a060a0464617461", new LeaseProtocol.Claim(Samples.Claim(1) with { Offers = [new ExtensionOffer("data")] }, null) },
        { "lr", GoldenBytes.Leases[1], new LeaseProtocol.Release(Samples.Node(1), 5) { Incarnation = Epoch } },
        { "lx", GoldenBytes.Leases[2], new LeaseProtocol.Refused(RefusalReason.Clone, "two") },
        { "lx", GoldenBytes.Leases[3], new LeaseProtocol.Refused(RefusalReason.Denied, "no") },
        { "lq", GoldenBytes.Leases[4], new LeaseProtocol.StillThere(Samples.Node(1)) },
        { "lh", GoldenBytes.Leases[5], new LeaseProtocol.IAmHere(Samples.Node(1), Epoch) },
        { "oq", GoldenBytes.Leases[6], new LeaseProtocol.Describe(Subnet4, Subnet6) },
        { "od", GoldenBytes.Leases[7], new LeaseProtocol.Described(
            300,
            [
                new LeaseDescription(Samples.Lease(1).Subnets, LeaseState.Held, Samples.Lease(1), Samples.Node(1), "host1", "host1", Unseen: TimeSpan.FromMilliseconds(1500)),
                new LeaseDescription(new LeaseSubnets(null, Subnet6), LeaseState.Quarantined, null, Samples.Node(2), "host2", QuarantineLeft: TimeSpan.FromMinutes(1)),
            ],
            Subnet6) },
        { "or", GoldenBytes.Leases[8], new LeaseProtocol.Reserve(Subnet4, "h4") },
        { "ou", GoldenBytes.Leases[9], new LeaseProtocol.Unreserve(Subnet6) },
        { "oe", GoldenBytes.Leases[10], new LeaseProtocol.EndLease(Subnet4, true) },
        { "oa", GoldenBytes.Leases[11], new LeaseProtocol.Done("done") },
        { "je", GoldenBytes.Leases[12], new LedgerEntry(new LeaseEvent.Expired(Samples.Node(1), 5)) },
        { "je", GoldenBytes.Leases[13], new LedgerEntry(new LeaseEvent.QuarantineOver(Subnet4)) },
        { "je", GoldenBytes.Leases[14], new LedgerEntry(new LeaseEvent.Reserved(Subnet6, "h4")) },
        { "je", GoldenBytes.Leases[15], new LedgerEntry(new LeaseEvent.Unreserved(Subnet4)) },
        { "lc", GoldenBytes.Leases[17], new LeaseProtocol.Claim(Samples.Claim(1) with { Offers = [new UdpOffer(), new UdpOffer { Local = Samples.Public(2) }] }, null) },
        { "lc", GoldenBytes.Leases[18], new LeaseProtocol.Claim(Samples.Claim(1) with { Offers = [new IpipOffer(), new WireGuardOffer(PublicKey.FromBytes([.. Enumerable.Range(1, 32).Select(i => (byte)i)]), 51820, 51821)] }, null) },
        { "js", GoldenBytes.Leases[16], new LedgerSnapshot(
            9,
            Samples.Version(Samples.IPv6Network),
            [Samples.Lease(1)],
            new SpaceSnapshot([(Subnet4, 7)], [(Subnet4, Samples.Node(2))], [], [(Subnet4.Next(1), "h4")]),
            new SpaceSnapshot([], [], [(Subnet6, new Quarantine(Samples.Node(2), "host2", 8))], [])) },
    };

    private static IpPrefix Subnet4 => IpPrefix.Parse("10.244.9.0/24");

    private static IpPrefix Subnet6 => IpPrefix.Parse("fd42:0:0:9::/64");

    [Fact]
    public void Every_message_type_of_the_assembly_has_a_format()
    {
        var types = typeof(IOverlayMessage).Assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IOverlayMessage))).ToHashSet();
        var generated = MessageGen.ByType.Select(gen => gen.Single().GetType()).ToList();
        Assert.Equal(types.OrderBy(type => type.FullName, StringComparer.Ordinal), generated.OrderBy(type => type.FullName, StringComparer.Ordinal));
        var manifests = MessageGen.ByType.Select(gen => serializer.Manifest(gen.Single())).ToList();
        Assert.Equal(OverlaySerializer.Manifests.Order(StringComparer.Ordinal), manifests.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_manifest_has_golden_bytes() =>
        Assert.Equal(OverlaySerializer.Manifests.Order(StringComparer.Ordinal), Golden.Concat(GoldenOfLeases).Select(row => (string)row[0]).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void What_is_written_is_read_back() => Gen.OneOf(MessageGen.ByType).Sample(message =>
        serializer.FromBinary(serializer.ToBinary(message), serializer.Manifest(message)).Equals(message), iter: 5_000);

    [Theory]
    [MemberData(nameof(Golden))]
    [MemberData(nameof(GoldenOfLeases))]
    public void The_wire_format_does_not_change(string manifest, string hex, IOverlayMessage message)
    {
        Assert.Equal(manifest, serializer.Manifest(message));
        Assert.Equal(hex, Convert.ToHexStringLower(serializer.ToBinary(message)));
        Assert.Equal(message, serializer.FromBinary(Convert.FromHexString(hex), manifest));
    }

    [Fact]
    public void Fields_of_a_newer_release_are_passed_over() => Gen.OneOf(MessageGen.ByType).Sample(message =>
        serializer.FromBinary([.. serializer.ToBinary(message), .. UnknownField], serializer.Manifest(message)).Equals(message), iter: 1_000);

    [Fact]
    public void An_offer_of_a_newer_release_is_passed_over_and_the_others_count()
    {
        var claim = new LeaseProtocol.Claim(Samples.Claim(1), null);
        var proto = Proto.Claim.Parser.ParseFrom(serializer.ToBinary(claim));
        proto.Offers.Insert(0, Proto.Offer.Parser.ParseFrom(UnknownField));
        Assert.Equal(claim, serializer.FromBinary(proto.ToByteArray(), "lc"));
    }

    /// <summary>A host is not kept out for it, and a ledger that has it is read.</summary>
    [Theory]
    [InlineData(0, null)]
    [InlineData(1, 1)]
    [InlineData(65_535, 65_535)]
    [InlineData(65_536, null)]
    [InlineData(uint.MaxValue, null)]
    public void An_underlays_MTU_that_cannot_be_counts_as_not_said(uint said, int? read)
    {
        var claim = Proto.Claim.Parser.ParseFrom(serializer.ToBinary(new LeaseProtocol.Claim(Samples.Claim(1), null)));
        claim.UnderlayMtu = said;
        Assert.Equal(read, ((LeaseProtocol.Claim)serializer.FromBinary(claim.ToByteArray(), "lc")).Command.UnderlayMtu);
        var entry = Proto.LedgerEvent.Parser.ParseFrom(serializer.ToBinary(new LedgerEntry(new LeaseEvent.Changed(Samples.Lease(1)))));
        entry.Changed.UnderlayMtu = said;
        Assert.Equal(read, ((LeaseEvent.Changed)((LedgerEntry)serializer.FromBinary(entry.ToByteArray(), "je")).Event).Lease.UnderlayMtu);
    }

    [Fact]
    public void A_refusal_of_a_newer_release_keeps_its_text()
    {
        var proto = new Proto.Refused { Reason = (Proto.Refused.Types.Reason)77, Text = "because" };
        Assert.Equal(new LeaseProtocol.Refused(RefusalReason.Unknown, "because"), serializer.FromBinary(proto.ToByteArray(), "lx"));
    }

    [Fact]
    public void An_event_of_a_newer_release_is_refused_for_it_may_be_a_lease() =>
        Assert.Throws<SerializationException>(() => serializer.FromBinary(UnknownField, "je"));

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Random_bytes_are_a_message_or_refused(string manifest) => Gen.Byte.Array[0, 200].Sample(bytes => ReadsOrRefuses(bytes, manifest), iter: 3_000);

    [Fact]
    public void Mutated_messages_are_a_message_or_refused() =>
        Gen.Select(Gen.OneOf(MessageGen.ByType), Gen.Int[0, 10_000], Gen.Byte, Gen.Int[0, 3]).Sample((message, place, value, kind) =>
        {
            byte[] bytes = serializer.ToBinary(message);
            if (bytes.Length == 0)
                return;
            place %= bytes.Length;
            byte[] mutated = kind switch
            {
                0 => bytes[..place],
                1 => [.. bytes[..place], .. bytes[(place + 1)..]],
                2 => [.. bytes[..place], value, .. bytes[place..]],
                _ => [.. bytes[..place], value, .. bytes[(place + 1)..]],
            };
            ReadsOrRefuses(mutated, serializer.Manifest(message));
        }, iter: 5_000);

    [Fact]
    public void An_address_of_the_wrong_family_is_refused()
    {
        var lease = Samples.Lease(1);
        var right = new LeaseProtocol.Granted(lease, Samples.Version(Samples.IPv4Network), null);
        var bytes = Proto.Granted.Parser.ParseFrom(serializer.ToBinary(right));

        var subnets = bytes.Clone();
        subnets.Lease.Subnets.Ipv4.Address = ByteString.CopyFrom(Samples.Address("fd00::").GetAddressBytes());
        Assert.Throws<SerializationException>(() => serializer.FromBinary(subnets.ToByteArray(), "lg"));

        var hosts = bytes.Clone();
        hosts.Lease.Public.Ipv6 = ByteString.CopyFrom(Samples.Address("10.0.0.1").GetAddressBytes());
        Assert.Throws<SerializationException>(() => serializer.FromBinary(hosts.ToByteArray(), "lg"));
    }

    [Fact]
    public void A_subnet_with_host_bits_is_refused()
    {
        var bytes = Proto.Granted.Parser.ParseFrom(serializer.ToBinary(new LeaseProtocol.Granted(Samples.Lease(1), Samples.Version(Samples.IPv4Network), null)));
        bytes.Lease.Subnets.Ipv4.Address = ByteString.CopyFrom(10, 244, 1, 7);
        Assert.Throws<SerializationException>(() => serializer.FromBinary(bytes.ToByteArray(), "lg"));
    }

    [Fact]
    public void An_unknown_manifest_is_refused()
    {
        Assert.Throws<SerializationException>(() => serializer.FromBinary([], "zz"));
        Assert.Throws<SerializationException>(() => serializer.FromBinary([], ""));
    }

    [Fact]
    public void What_is_no_message_of_ours_is_not_written()
    {
        Assert.Throws<SerializationException>(() => serializer.Manifest("text"));
        Assert.Throws<SerializationException>(() => serializer.ToBinary("text"));
    }

    private void ReadsOrRefuses(byte[] bytes, string manifest)
    {
        try
        {
            Assert.IsAssignableFrom<IOverlayMessage>(serializer.FromBinary(bytes, manifest));
        }
        catch (SerializationException)
        {
            // Refused, as it should be.
        }
    }
}
