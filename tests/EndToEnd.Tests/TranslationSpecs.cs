using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>A host whose public address only a router knows (NAT): the cluster and the tunnels reach it there.</summary>
public sealed class TranslationSpecs(ITestOutputHelper output)
{
    [Theory]
    [InlineData(Vxlan)]
    [InlineData("""{"Network":"10.244.0.0/16","Backend":{"Type":"udp"}}""")]
    [InlineData("""{"Network":"10.244.0.0/16","Backend":{"Type":"udp","Encryption":"aes-256-gcm"}}""")]
    public async Task A_host_behind_a_router_that_translates_its_address_is_a_host_as_any_other(string netConf)
    {
        using var lab = Prepare(output, 2, netConf);
        await lab.Run(async () =>
        {
            var far = new TranslatedHost(lab[2]);
            await far.MoveAsync(lab);
            lab[1].Start();
            lab[2].Start("--public-ip", far.Public);
            await lab.WaitReadyAsync();
            Assert.Equal(far.Public, Assert.Single(await lab[1].Api.PeersAsync()).PublicIp);
            await Matrix.AssertNoLoss(lab);
        });
    }
}
