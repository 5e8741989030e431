using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;
using CsCheck;

namespace AkkaOverlay.Actors.Tests.Leases;

/// <summary>Random histories of few hosts over few subnets, next to a model that keeps the plain list of everything that happened.</summary>
public class LeaseTableModelSpecs
{
    private const int Nodes = 5;

    private static readonly Gen<NetworkConfig> Networks = Gen.OneOf(
        Gen.Int[1, 6].Select(SmallNetworks.IPv4),
        Gen.Int[1, 6].Select(SmallNetworks.IPv6),
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 6]).Select((v4, v6) => SmallNetworks.Dual(v4, v6)));

    private enum Memory
    {
        Nothing,
        Own,
        OwnWithWrongGeneration,
        Earlier,
        Somebodys,
        AnyOfThePool,
        OneFamilyOnly,
        OfAnotherNetwork,
    }

    /// <param name="Pick">Chooses among what the step's kind leaves open.</param>
    private sealed record Step(bool Release, int Node, Memory Memory, bool NewData, int Pick);

    private static readonly Gen<Step> Steps = Gen.Select(Gen.Int[0, 9], Gen.Int[1, Nodes], Gen.Enum<Memory>(), Gen.Int[0, 3], Gen.Int[0, 99])
        .Select((kind, node, memory, data, pick) => new Step(kind < 4, node, memory, data == 0, pick));

    [Fact]
    public void Every_history_keeps_the_ledger_s_promises() =>
        Gen.Select(Networks, Steps.Array[1, 60]).Sample((network, steps) => { Play(network, steps); }, iter: 5_000);

    [Fact]
    public void Reading_the_journal_again_gives_the_same_table() => Gen.Select(Networks, Steps.Array[1, 60]).Sample((network, steps) =>
    {
        var driver = Play(network, steps);
        var again = driver.Journal.Aggregate(LeaseTable.Empty, (table, happened) => table.Apply(happened));
        Assert.Equal(driver.Table.Leases.OrderBy(pair => pair.Key.Value), again.Leases.OrderBy(pair => pair.Key.Value));
        Assert.Equal((driver.Table.Revision, driver.Table.Network), (again.Revision, again.Network));
        // The order of what is free is part of the state too.
        for (int node = 10; node < 20; node++)
            Assert.Equal(driver.Table.Decide(Samples.Claim(node)).Reply, again.Decide(Samples.Claim(node)).Reply);
    }, iter: 300);

    private static LeaseTableDriver Play(NetworkConfig network, Step[] steps)
    {
        var driver = new LeaseTableDriver(network);
        var model = new Model(network);
        var history = new List<LeaseSubnets>();
        foreach (var step in steps)
        {
            var before = driver.Table;
            if (step.Release)
            {
                long generation = before.Leases.GetValueOrDefault(Samples.Node(step.Node))?.Generation ?? 1;
                model.Release(driver, Samples.Node(step.Node), step.Memory == Memory.OwnWithWrongGeneration ? generation - 1 : generation);
            }
            else
            {
                var held = Remembered(step, network, before, history);
                var claim = Samples.Claim(step.Node, held);
                model.Claim(driver, step.NewData ? claim with { NodeName = $"name{step.Pick}" } : claim);
            }
            CheckInvariants(driver.Table, network);
            OthersAreUntouched(before, driver.Table, Samples.Node(step.Node));
            history.AddRange(driver.Table.Leases.Values.Select(lease => lease.Subnets));
        }
        return driver;
    }

    private static HeldLease? Remembered(Step step, NetworkConfig network, LeaseTable table, List<LeaseSubnets> history)
    {
        var mine = table.Leases.GetValueOrDefault(Samples.Node(step.Node));
        var own = new HeldLease(mine?.Subnets ?? Any(step.Pick), mine?.Generation ?? 1);
        return step.Memory switch
        {
            Memory.Own => own,
            Memory.OwnWithWrongGeneration => own with { Generation = own.Generation + 1 + step.Pick },
            Memory.Earlier when history.Count > 0 => new HeldLease(history[step.Pick % history.Count], step.Pick),
            Memory.Somebodys when !table.Leases.IsEmpty =>
                new HeldLease(table.Leases.Values.OrderBy(lease => lease.Generation).ElementAt(step.Pick % table.Leases.Count).Subnets, step.Pick),
            Memory.AnyOfThePool => new HeldLease(Any(step.Pick), step.Pick),
            Memory.OneFamilyOnly => new HeldLease(step.Pick % 2 == 0 ? Any(step.Pick) with { IPv4 = null } : Any(step.Pick) with { IPv6 = null }, 1),
            Memory.OfAnotherNetwork => new HeldLease(new LeaseSubnets(IpPrefix.Parse("10.9.0.0/28"), IpPrefix.Parse("fd09:0:0:1::/65")), 1),
            _ => null,
        };

        LeaseSubnets Any(int pick) => new(
            network.IPv4 is { } v4 ? v4.SubnetAt((uint)pick % v4.Count) : null,
            network.IPv6 is { } v6 ? v6.SubnetAt((uint)(pick / 7) % v6.Count) : null);
    }

    private static void CheckInvariants(LeaseTable table, NetworkConfig network)
    {
        var subnets = table.Leases.Values.SelectMany(lease => lease.Subnets.All).ToList();
        for (int i = 0; i < subnets.Count; i++)
        {
            for (int j = 0; j < i; j++)
                Assert.False(subnets[i].Overlaps(subnets[j]), $"{subnets[i]} and {subnets[j]} overlap");
        }
        foreach (var (owner, lease) in table.Leases)
        {
            Assert.Equal(owner, lease.Owner);
            Assert.Equal(network.EnableIPv4, lease.Subnets.IPv4 is { } v4 && network.IPv4!.Contains(v4));
            Assert.Equal(network.EnableIPv6, lease.Subnets.IPv6 is { } v6 && network.IPv6!.Contains(v6));
            Assert.InRange(lease.Generation, 2, table.Revision);
        }
        Assert.Equal(table.Leases.Count, table.Leases.Values.Select(lease => lease.Generation).Distinct().Count());
    }

    private static void OthersAreUntouched(LeaseTable before, LeaseTable after, NodeId node)
    {
        Assert.Equal(
            before.Leases.Values.Where(lease => lease.Owner != node).OrderBy(lease => lease.Generation),
            after.Leases.Values.Where(lease => lease.Owner != node).OrderBy(lease => lease.Generation));
    }

    /// <summary>Says what each command must do, from the list of all grants and releases.</summary>
    private sealed class Model(NetworkConfig network)
    {
        private readonly List<(bool Granted, IpPrefix Subnet, NodeId Owner)> happened = [];
        private readonly Dictionary<NodeId, LeaseSubnets> holds = [];

        public void Claim(LeaseTableDriver driver, LeaseCommand.Claim claim)
        {
            long revision = driver.Table.Revision;
            var wasHeld = driver.Table.Leases.GetValueOrDefault(claim.Owner);
            var v4 = Choose(network.IPv4, claim.Owner, claim.Held?.Subnets.IPv4);
            var v6 = Choose(network.IPv6, claim.Owner, claim.Held?.Subnets.IPv6);
            var (events, reply) = driver.Run(claim);
            if (wasHeld is not null)
            {
                var granted = Assert.IsType<LeaseReply.Granted>(reply);
                Assert.Equal((wasHeld.Subnets, wasHeld.Generation), (granted.Lease.Subnets, granted.Lease.Generation));
                Assert.Equal(wasHeld.NodeName == claim.NodeName ? 0 : 1, events.Length);
                Assert.Equal(claim.Held is not null && claim.Held.Subnets != wasHeld.Subnets, granted.Conflict is not null);
            }
            else if ((network.EnableIPv4 && v4 is null) || (network.EnableIPv6 && v6 is null))
            {
                Assert.Empty(events);
                var refused = Assert.IsType<LeaseReply.Refused>(reply);
                Assert.Equal(RefusalReason.OutOfSubnets, refused.Reason);
                Assert.Contains("out of subnets", refused.Text, StringComparison.Ordinal);
                return;
            }
            else
            {
                var granted = Assert.IsType<LeaseReply.Granted>(reply);
                Assert.Equal(new LeaseSubnets(v4, v6), granted.Lease.Subnets);
                Assert.Equal(revision + 1, granted.Lease.Generation);
                Assert.Equal(new LeaseEvent.Granted(granted.Lease), Assert.Single(events));
                var lost = claim.Held?.Subnets.All.Where(subnet => !granted.Lease.Subnets.All.Contains(subnet)).ToList() ?? [];
                Assert.Equal(lost.Count > 0, granted.Conflict is not null);
                foreach (var subnet in lost)
                {
                    var holder = holds.FirstOrDefault(pair => pair.Value.All.Contains(subnet));
                    Assert.Contains(holder.Value == default ? $"{subnet} is no subnet of this network" : $"{subnet} is held by", granted.Conflict!, StringComparison.Ordinal);
                }
                holds.Add(claim.Owner, granted.Lease.Subnets);
                happened.AddRange(granted.Lease.Subnets.All.Select(subnet => (true, subnet, claim.Owner)));
            }
            // Whatever was answered, asking again changes nothing.
            Assert.Empty(driver.Table.Decide(claim).Events);
        }

        public void Release(LeaseTableDriver driver, NodeId owner, long generation)
        {
            bool held = driver.Table.Leases.TryGetValue(owner, out var lease) && lease.Generation == generation;
            var (events, reply) = driver.Run(new LeaseCommand.Release(owner, generation));
            Assert.Equal(held, reply is LeaseReply.Done);
            Assert.Equal(held ? [new LeaseEvent.Released(owner, generation)] : (LeaseEvent[])[], events.ToArray());
            if (held)
            {
                holds.Remove(owner);
                happened.AddRange(lease!.Subnets.All.Select(subnet => (false, subnet, owner)));
            }
        }

        private IpPrefix? Choose(SubnetPool? pool, NodeId owner, IpPrefix? wish)
        {
            if (pool is null)
                return null;
            var free = pool.Subnets().Where(subnet => holds.Values.All(hold => !hold.All.Contains(subnet))).ToList();
            if (wish is { } wanted && free.Contains(wanted))
                return wanted;
            int left = happened.FindLastIndex(item => !item.Granted && item.Owner == owner && item.Subnet.Family == pool.Network.Family);
            if (left >= 0 && !happened.Skip(left).Any(item => item.Granted && item.Subnet == happened[left].Subnet))
                return happened[left].Subnet;
            var fresh = free.Where(subnet => !happened.Any(item => item.Subnet == subnet)).ToList();
            if (fresh.Count > 0)
                return fresh[0];
            return free.Count > 0 ? free.MinBy(subnet => happened.FindLastIndex(item => item.Subnet == subnet)) : null;
        }
    }
}
