using AkkaOverlay.Actors.PacketForwarder;
using AkkaOverlay.Kernel.Forwarding;

namespace AkkaOverlay.Node.Metrics;

/// <summary>
/// The packet forwarders of the udp back end. Their loops count in memory of their own, which is read here and only when somebody asks: a packet pays nothing
/// for it.
/// </summary>
internal static class ForwarderSamples
{
    private static readonly (ForwarderCount Count, string Call)[] Calls =
        [(ForwarderCount.SendCalls, "send"), (ForwarderCount.ReceiveCalls, "receive"), (ForwarderCount.TunReads, "tun_read"), (ForwarderCount.TunWrites, "tun_write")];

    public static void Add(Samples samples, ForwarderStatus status)
    {
        var counts = status.Totals.Counts;
        samples.Add(Catalogue.ForwarderQueues, status.Serving, "served");
        samples.Add(Catalogue.ForwarderQueues, status.Queues - status.Serving, "not_served");
        samples.Add(Catalogue.ForwarderRestarts, status.Restarts);
        samples.Add(Catalogue.ForwarderPackets, Of(ForwarderCount.SentPackets), "sent");
        samples.Add(Catalogue.ForwarderPackets, Of(ForwarderCount.ReceivedPackets), "received");
        samples.Add(Catalogue.ForwarderBytes, Of(ForwarderCount.SentBytes), "sent");
        samples.Add(Catalogue.ForwarderBytes, Of(ForwarderCount.ReceivedBytes), "received");
        foreach (var reason in Enum.GetValues<ForwarderDrop>())
            samples.Add(Catalogue.ForwarderDrops, status.Totals.Drops.GetValueOrDefault(reason), ClusterSamples.Snake(reason.ToString()));
        foreach (var (count, call) in Calls)
            samples.Add(Catalogue.ForwarderCalls, Of(count), call);
        samples.Add(Catalogue.ForwarderIcmp, Of(ForwarderCount.IcmpErrors));
        samples.Add(Catalogue.ForwarderJoins, Of(ForwarderCount.JoinsRefused));

        long Of(ForwarderCount what) => counts.GetValueOrDefault(what);
    }
}
