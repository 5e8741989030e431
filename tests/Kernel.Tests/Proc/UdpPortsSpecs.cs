using AkkaOverlay.Kernel.Proc;

namespace AkkaOverlay.Kernel.Tests.Proc;

public sealed class UdpPortsSpecs
{
    [Fact]
    public void Ports_are_read_from_both_families_tables() => Assert.Equal(
        [8472, 53],
        UdpPorts.Parse(
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n" +
            "  100: 00000000:2118 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 0 2 0000000000000000 0\n" +
            "  101: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1 2 0 0\n"));

    [Fact]
    public void A_broken_line_has_no_port() => Assert.Empty(UdpPorts.Parse("sl\nx\n 1: zz:yy q\n"));
}
