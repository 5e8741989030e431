using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class EncryptionCheck : ICheck
{
    public string Name => "encryption";

    public IReadOnlyList<int> Traps => [27];

    public string LooksAt => "with Encryption: this host's remembered lease has a key";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (facts.Network?.BackEnd is UdpConfig { IsEncrypted: true } && facts.Leases.FirstOrDefault(lease => lease.Owner == facts.Node) is { } mine && mine.OfferOf<UdpOffer>()?.Key is null)
            yield return Bite("the network is encrypted, and this host's lease has no key", "no peer sends anything to it: without a key nothing goes in the clear", "restart akka-overlay; see that tunnel-key in the state directory can be read");
    }
}
