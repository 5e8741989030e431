using AkkaOverlay.Actors.Network;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class TunCheck : ICheck
{
    public string Name => "tun";

    public IReadOnlyList<int> Traps => [];

    public string LooksAt => "/dev/net/tun, with back end udp";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (!facts.HasTun && facts.Network?.BackEnd is UdpConfig)
            yield return Bite("/dev/net/tun cannot be opened", "back end udp has no device to read packets from", "modprobe tun; in a container: --device /dev/net/tun --cap-add NET_ADMIN");
    }
}
