using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Probing;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Probes;

/// <summary>What a host's probes are made with.</summary>
/// <param name="Enabled">False: this host neither asks nor answers, and says so.</param>
/// <param name="Node">This host.</param>
/// <param name="NodeName">For people.</param>
public sealed record ProbeSettings(bool Enabled, NodeId Node, string NodeName, Func<IRtnetlink> OpenKernel, OpenProbeSocket OpenSocket, TimeProvider Time);
