using AkkaOverlay.Kernel.Sysctl;

namespace AkkaOverlay.Kernel.Tests.Sysctl;

public sealed class SysctlsSpecs : IDisposable
{
    private readonly TestNamespace _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void Values_are_of_the_threads_own_namespace()
    {
        string outside = Sysctls.Read("net.ipv4.conf.default.rp_filter");

        Assert.Equal(outside, _test.Inside.Run(() => Sysctls.Write("net.ipv4.conf.default.rp_filter", outside == "2" ? "1" : "2")));

        Assert.NotEqual(outside, _test.Inside.Run(() => Sysctls.Read("net.ipv4.conf.default.rp_filter")));
        Assert.Equal(outside, Sysctls.Read("net.ipv4.conf.default.rp_filter"));
    }

    [Fact]
    public void Only_a_difference_is_written() => _test.Inside.Run(() =>
    {
        Sysctls.Write("net.ipv4.ip_forward", "0");
        Assert.True(Sysctls.Ensure("net.ipv4.ip_forward", "1"));
        Assert.False(Sysctls.Ensure("net/ipv4/ip_forward", "1"));
        Assert.Equal("1", Sysctls.Read("net.ipv4.ip_forward"));

        Sysctls.Write("net.ipv4.ip_default_ttl", "64");
        Assert.False(Sysctls.EnsureAtLeast("net.ipv4.ip_default_ttl", 60));
        Assert.True(Sysctls.EnsureAtLeast("net.ipv4.ip_default_ttl", 70));
        Assert.Equal(70, Sysctls.ReadNumber("net.ipv4.ip_default_ttl"));
    });

    [Fact]
    public void Several_numbers_are_compared_whatever_stands_between_them() => _test.Inside.Run(() =>
    {
        Assert.True(Sysctls.Ensure("net.ipv4.ip_local_port_range", "20000 30000"));
        Assert.False(Sysctls.Ensure("net.ipv4.ip_local_port_range", "20000\t30000"));
        Assert.Throws<IOException>(() => Sysctls.ReadNumber("net.ipv4.ip_local_port_range"));
    });

    [Fact]
    public void A_device_with_a_dot_in_its_name_is_reached_by_slashes()
    {
        _test.AddVeth("ao.1");
        _test.Inside.Run(() =>
        {
            Assert.True(Sysctls.Ensure("net/ipv4/conf/ao.1/forwarding", "1"));
            Assert.True(Sysctls.Exists("net/ipv6/conf/ao.1/disable_ipv6"));
            Assert.False(Sysctls.Exists("net.ipv6.conf.ao.1.disable_ipv6"));
        });
    }

    [Fact]
    public void Failures_say_what_and_why() => _test.Inside.Run(() =>
    {
        Assert.Equal("sysctl net.ipv4.nonsense cannot be read: there is no such key", Assert.Throws<IOException>(() => Sysctls.Read("net.ipv4.nonsense")).Message);
        string refused = Assert.Throws<IOException>(() => Sysctls.Write("net.ipv4.ip_forward", "maybe")).Message;
        Assert.StartsWith("sysctl net.ipv4.ip_forward cannot be set to 'maybe' (it is '0'): ", refused, StringComparison.Ordinal);
    });

    [Theory]
    [InlineData("net/../../etc/passwd")]
    [InlineData("net..ipv4")]
    [InlineData("/net/ipv4")]
    [InlineData("net/ipv4/")]
    public void A_key_that_leaves_the_tree_is_refused(string key) => Assert.Throws<ArgumentException>(() => Sysctls.Read(key));
}
