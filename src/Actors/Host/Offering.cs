using Akka.Actor;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Host;

/// <summary>Has this host claim again when what it can be reached by is not what its lease says.</summary>
internal sealed class Offering(HostSettings settings, Changeover changeover)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private long? mended;

    /// <summary>Nobody until it was heard.</summary>
    public IActorRef Claimant { get; set; } = ActorRefs.Nobody;

    /// <summary>As before.</summary>
    public void Claim(Underlay underlay) => Claimant.Tell(new HostProtocol.ClaimNow(null, underlay.Mtu));

    /// <param name="backEnd">The configuration's.</param>
    public void Claim(Underlay underlay, BackEndConfig backEnd) => Claimant.Tell(new HostProtocol.ClaimNow(changeover.Served(backEnd), underlay.Mtu));

    /// <summary>One of two actors that had to agree may have started anew, or a command may have printed something else.</summary>
    public void Mend(Underlay underlay, Lease held, NetworkConfig network)
    {
        long now = settings.Time.GetTimestamp();
        if (HostPlanner.AreOffered(settings, underlay, network, changeover.Served(network.BackEnd), held) || (mended is { } before && settings.Time.GetElapsedTime(before, now) < Pause))
            return;
        mended = now;
        Claim(underlay, network.BackEnd);
    }
}
