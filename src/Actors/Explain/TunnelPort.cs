using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Explain;

/// <summary>The UDP port of the network's tunnels.</summary>
public static class TunnelPort
{
    /// <returns>Null for a back end without one.</returns>
    public static int? Of(PathFacts facts) => facts.Status.Network is { Config: var network } ? Of(network) : null;

    public static int? Of(NetworkConfig network) => network.BackEnd switch
    {
        VxlanConfig vxlan => vxlan.Port,
        UdpConfig udp => udp.Port,
        WireGuardConfig wireGuard => wireGuard.ListenPort,
        _ => null,
    };
}
