namespace AkkaOverlay.Kernel.Tests;

public sealed class CapabilitiesSpecs
{
    [Fact]
    public void These_tests_run_with_net_admin() => Assert.True(Capabilities.HasNetAdmin());

    [Theory]
    [InlineData("CapPrm:\t0000000000001000\nCapEff:\t0000000000001000\n", true)]
    [InlineData("CapPrm:\t0000000000001000\nCapEff:\t0000000000000fff\n", false)]
    [InlineData("CapEff:\t000001ffffffffff", true)]
    [InlineData("Name:\tsomething", false)]
    public void The_effective_set_decides(string status, bool expected) => Assert.Equal(expected, Capabilities.Has(status, 12));
}
