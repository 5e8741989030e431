using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;
using CsCheck;

namespace AkkaOverlay.Actors.Tests.Network;

public class SubnetPoolSpecs
{
    private static readonly Gen<SubnetPool> AnyPool = Gen.OneOf(NetworkConfigGen.IPv4, NetworkConfigGen.IPv6);

    [Fact]
    public void A_place_gives_a_subnet_and_the_subnet_its_place() => Gen.Select(AnyPool, Gen.ULong).Sample((pool, any) =>
    {
        var index = any % pool.Count;
        var subnet = pool.SubnetAt(index);
        return pool.Contains(subnet) && pool.IndexOf(subnet) == index
            && pool.Network.Contains(subnet) && subnet.Size == pool.AddressesPerSubnet;
    });

    [Fact]
    public void First_and_last_bound_the_pool() => AnyPool.Sample(pool =>
        pool.SubnetAt(0).Address.Equals(pool.First)
        && pool.SubnetAt(pool.Count - 1).Address.Equals(pool.Last)
        && !pool.Contains(pool.SubnetAt(pool.Count - 1).Next(1))
        && !Throws(() => pool.SubnetAt(pool.Count - 1)) && Throws(() => pool.SubnetAt(pool.Count)));

    [Fact]
    public void Other_lengths_host_bits_and_families_are_not_contained() => AnyPool.Sample(pool =>
    {
        var subnet = pool.SubnetAt(pool.Count / 2);
        var other = IpPrefix.Parse(subnet.IsIPv4 ? "fd00::/64" : "10.0.0.0/24");
        return !pool.Contains(new IpPrefix(subnet.Address, subnet.Length + 1))
            && !pool.Contains(new IpPrefix(subnet.Address, subnet.Length - 1))
            && !pool.Contains(new IpPrefix(subnet.Last, subnet.Length))
            && !pool.Contains(other) && Throws(() => pool.IndexOf(other));
    });

    [Fact]
    public void Enumeration_is_lazy_ascending_and_complete()
    {
        var large = NetConf.Parse("""{"EnableIPv4":false,"EnableIPv6":true,"IPv6Network":"fd00::/8","IPv6SubnetLen":126}""").IPv6!;
        Assert.Equal("fd00::4/126 fd00::8/126", string.Join(' ', large.Subnets().Take(2)));
        Assert.Equal((UInt128.One << 118) - 1, large.Count);

        var seed = NetConf.Parse("""{"Network":"10.0.0.0/8","SubnetLen":20,"SubnetMin":"10.10.0.0","SubnetMax":"10.99.0.0"}""").IPv4!;
        var subnets = seed.Subnets().ToArray();
        Assert.Equal(1425, subnets.Length);
        Assert.Equal("10.10.0.0/20", subnets[0].ToString());
        Assert.Equal("10.99.0.0/20", subnets[^1].ToString());
        Assert.Equal(subnets.Order(), subnets);
        Assert.Equal("10.99.15.255", subnets[^1].Last.ToString());
    }

    private static bool Throws(Func<object> call)
    {
        try
        {
            call();
            return false;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }
}
