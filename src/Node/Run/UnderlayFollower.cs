using System.Net;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Node.Run;

/// <summary>
/// Chooses the underlay again as it was chosen at the start. A device that was renamed since, and was asked for by its former name, is followed by its index.
/// </summary>
internal sealed class UnderlayFollower
{
    private readonly NodePlan plan;
    private readonly IReadOnlyList<IPAddress> seeds;
    private int lastIndex;

    public UnderlayFollower(NodePlan plan)
    {
        this.plan = plan;
        seeds = [.. plan.Seeds.Seeds.Select(seed => seed.Address)];
        using IRtnetlink kernel = RtnetlinkSocket.Open();
        lastIndex = kernel.FindLink(plan.Underlay.Device)?.Index ?? 0;
    }

    public UnderlaySeen Select()
    {
        try
        {
            using IRtnetlink kernel = RtnetlinkSocket.Open();
            var chosen = Choose(kernel);
            lastIndex = kernel.FindLink(chosen.Device)?.Index ?? lastIndex;
            return new UnderlaySeen(chosen, null);
        }
        catch (Exception e) when (e is StartException or NetlinkException)
        {
            return new UnderlaySeen(null, e.Message);
        }
    }

    private Underlay Choose(IRtnetlink kernel)
    {
        try
        {
            return UnderlaySelection.Select(plan.Options, seeds, kernel, plan.Network);
        }
        catch (StartException) when (plan.Options.Interfaces.Count > 0 && kernel.DumpLinks().FirstOrDefault(link => link.Index == lastIndex) is { } renamed
            && !plan.Options.Interfaces.Contains(renamed.Name))
        {
            return UnderlaySelection.Select(plan.Options with { Interfaces = [renamed.Name] }, seeds, kernel, plan.Network);
        }
    }
}
