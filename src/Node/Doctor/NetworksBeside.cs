using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Node.Doctor;

/// <summary>What this machine says of its other networks (docs/networks.md). What the kernel says of them is in their routes, rules and aliases: <see cref="OthersObjects"/>.</summary>
/// <param name="Names">Those that run in this network namespace, or have a state or run directory at the usual place.</param>
/// <param name="Nodes">Their nodes' ids, which prove whose a device is.</param>
/// <param name="Subnets">This host's subnets in them.</param>
internal sealed record NetworksBeside(IReadOnlyList<NetworkName> Names, IReadOnlyList<NodeId> Nodes, IReadOnlyList<IpPrefix> Subnets)
{
    public static readonly NetworksBeside None = new([], [], []);
}
