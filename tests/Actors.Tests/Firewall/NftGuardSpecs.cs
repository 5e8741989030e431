using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Actors.Leases;
using static AkkaOverlay.Actors.Tests.Firewall.FirewallSamples;

namespace AkkaOverlay.Actors.Tests.Firewall;

public sealed class NftGuardSpecs
{
    private static string Guard(WantedFirewall wanted) => NftScript.Body(wanted, NftFeatures.All).Text;

    [Theory]
    [InlineData("""{"Type":"vxlan"}""", true)]
    [InlineData("""{"Type":"vxlan","GBP":true}""", false)]
    public void A_device_that_takes_every_VNI_is_guarded_for_every_VNI_and_what_is_sent_on_for_ours(string backEnd, bool everyVni)
    {
        string guard = Guard(Wanted(NetworkOf(backEnd: backEnd), VxlanLayout.Compact, null, Samples.Lease(2)));
        Assert.Equal(everyVni, guard.Contains("\n  udp dport 8472 jump tunnel", StringComparison.Ordinal));
        Assert.Equal(everyVni, guard.Contains("@th,96,24 != 0x1 counter drop comment \"tunnel packet of another VNI than 1\"", StringComparison.Ordinal));
        Assert.Contains("ip daddr @hosts4 udp dport 8472 @th,96,24 0x1 jump tunnel", guard, StringComparison.Ordinal);
    }
}
