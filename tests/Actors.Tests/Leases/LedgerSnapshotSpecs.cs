using Akka.Actor;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Wire;
using AkkaOverlay.Kernel.Net;
using CsCheck;

namespace AkkaOverlay.Actors.Tests.Leases;

/// <summary>Random histories with every kind of command; a table made of a snapshot must go on as the first one does.</summary>
public sealed class LedgerSnapshotSpecs : IDisposable
{
    private const int Nodes = 6;

    private static readonly Gen<NetworkConfig> Networks = Gen.OneOf(
        Gen.Int[1, 6].Select(SmallNetworks.IPv4),
        Gen.Int[1, 6].Select(SmallNetworks.IPv6),
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 6]).Select((v4, v6) => SmallNetworks.Dual(v4, v6)));

    private static readonly Gen<Step> Steps = Gen.Select(Gen.Int[0, 11], Gen.Int[1, Nodes], Gen.Int[0, 6], Gen.Bool).Select((kind, node, subnet, ipv4) => new Step(kind, node, subnet, ipv4));

    private readonly ActorSystem system = ActorSystem.Create("snapshot");
    private readonly OverlaySerializer serializer;

    public LedgerSnapshotSpecs() => serializer = new OverlaySerializer((ExtendedActorSystem)system);

    private sealed record Step(int Kind, int Node, int Subnet, bool IPv4);

    public void Dispose() => system.Dispose();

    [Fact]
    public void A_table_from_a_snapshot_decides_as_the_one_that_was_saved() => Gen.Select(Networks, Steps.Array[0, 60], Steps.Array[1, 40]).Sample((network, before, after) =>
    {
        var table = LeaseTable.Empty.Apply(new LeaseEvent.NetworkSet(1, network));
        foreach (var step in before)
            (table, _) = Run(table, CommandOf(step, table, network));
        var again = LeaseTable.From((LedgerSnapshot)serializer.FromBinary(serializer.ToBinary(table.ToSnapshot()), "js"));
        Assert.Equal((table.Revision, table.NetworkVersion, table.Network), (again.Revision, again.NetworkVersion, again.Network));
        foreach (var step in after)
        {
            var command = CommandOf(step, table, network);
            (table, string first) = Run(table, command);
            (again, string second) = Run(again, command);
            Assert.Equal(first, second);
        }
        // What is free comes in the same order to the last.
        for (int node = 20; node < 30; node++)
        {
            (table, string first) = Run(table, Samples.Claim(node));
            (again, string second) = Run(again, Samples.Claim(node));
            Assert.Equal(first, second);
        }
    }, iter: 3_000);

    [Fact]
    public void An_empty_ledger_has_a_snapshot_too()
    {
        var again = LeaseTable.From(LeaseTable.Empty.ToSnapshot());
        Assert.Equal((0, null), (again.Revision, again.Network));
        Assert.IsType<LeaseReply.Refused>(again.Decide(Samples.Claim(1)).Reply);
    }

    [Fact]
    public void A_snapshot_that_contradicts_itself_is_not_read()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        driver.Grant(1);
        var good = driver.Table.ToSnapshot();
        Assert.Throws<InvalidOperationException>(() => LeaseTable.From(good with { Leases = [good.Leases[0], good.Leases[0]] }));
        Assert.Throws<InvalidOperationException>(() => LeaseTable.From(good with { Leases = [good.Leases[0], good.Leases[0] with { Owner = Samples.Node(2) }] }));
    }

    [Fact]
    public void A_quarantined_or_reserved_subnet_is_never_another_s_whatever_happens() => Gen.Select(Networks, Steps.Array[1, 80]).Sample((network, steps) =>
    {
        var table = LeaseTable.Empty.Apply(new LeaseEvent.NetworkSet(1, network));
        var quarantines = new Dictionary<IpPrefix, NodeId>();
        var reservations = new Dictionary<IpPrefix, string>();
        foreach (var step in steps)
        {
            var before = table;
            foreach (var happened in table.Decide(CommandOf(step, table, network)).Events)
            {
                switch (happened)
                {
                    case LeaseEvent.Expired expired:
                        foreach (var subnet in before.Leases[expired.Owner].Subnets.All)
                            quarantines[subnet] = expired.Owner;
                        break;
                    case LeaseEvent.QuarantineOver over:
                        Assert.True(quarantines.Remove(over.Subnet));
                        break;
                    case LeaseEvent.Reserved reserved:
                        reservations.Add(reserved.Subnet, reserved.Host);
                        break;
                    case LeaseEvent.Unreserved unreserved:
                        Assert.True(reservations.Remove(unreserved.Subnet));
                        break;
                    case LeaseEvent.Granted { Lease: var lease }:
                        foreach (var subnet in lease.Subnets.All)
                        {
                            Assert.DoesNotContain(before.Leases.Values, other => other.Subnets.All.Any(held => held.Overlaps(subnet)));
                            Assert.True(!quarantines.Remove(subnet, out var owner) || owner == lease.Owner, $"{subnet} was in the quarantine of {owner}");
                            Assert.True(!reservations.TryGetValue(subnet, out string? host) || host == lease.NodeName, $"{subnet} was reserved for {host}");
                        }
                        break;
                }
                table = table.Apply(happened);
            }
            Assert.Equal(quarantines.Count, table.IPv4.Quarantines.Count + table.IPv6.Quarantines.Count);
        }
    }, iter: 3_000);

    private static LeaseCommand CommandOf(Step step, LeaseTable table, NetworkConfig network)
    {
        var node = Samples.Node(step.Node);
        long generation = table.Leases.GetValueOrDefault(node)?.Generation ?? 1;
        var pool = (step.IPv4 ? network.IPv4 ?? network.IPv6 : network.IPv6 ?? network.IPv4)!;
        var subnet = pool.SubnetAt((uint)step.Subnet % pool.Count);
        var wish = new HeldLease(subnet.IsIPv4 ? new LeaseSubnets(subnet, null) : new LeaseSubnets(null, subnet), 1);
        return step.Kind switch
        {
            0 or 1 or 2 => Samples.Claim(step.Node),
            3 => Samples.Claim(step.Node, wish),
            4 => Samples.Claim(step.Node) with { Offers = [new HostGwOffer()] },
            5 or 6 => new LeaseCommand.Release(node, generation),
            7 or 8 => new LeaseCommand.Expire(node, generation),
            9 => new LeaseCommand.EndQuarantine(subnet),
            10 => new LeaseCommand.Reserve(subnet, $"host{step.Node}"),
            _ => new LeaseCommand.Unreserve(subnet),
        };
    }

    private static (LeaseTable Table, string Said) Run(LeaseTable table, LeaseCommand command)
    {
        var (events, reply) = table.Decide(command);
        return (events.Aggregate(table, (next, happened) => next.Apply(happened)), $"{string.Join(' ', events)} {reply}");
    }
}
