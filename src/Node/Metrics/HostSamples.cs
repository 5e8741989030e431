using System.Runtime.InteropServices;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Metrics;

/// <summary>This host, and the ledger as it has it.</summary>
internal static class HostSamples
{
    public static void Add(Samples samples, HostStatus status)
    {
        samples.Add(Catalogue.BuildInfo, 1, NodeVersion.Text, RuntimeInformation.FrameworkDescription);
        samples.Add(
            Catalogue.HostInfo, 1, status.Node.ToString(), status.NodeName, status.Network?.Config.BackEnd.Type ?? "",
            status.Lease?.Subnets.IPv4?.ToString() ?? "", status.Lease?.Subnets.IPv6?.ToString() ?? "");
        samples.Add(Catalogue.Ready, status.Ready);
        foreach (var component in status.Components)
            samples.Add(Catalogue.ComponentReady, component.Ready, component.Name);
    }

    public static void Add(Samples samples, LedgerView ledger)
    {
        samples.Add(Catalogue.Leases, ledger.Leases.Count);
        samples.Add(Catalogue.LedgerLive, ledger.Live);
        samples.Add(Catalogue.LedgerRevision, ledger.Revision);
        if (ledger.Age is { } age)
            samples.Add(Catalogue.FeedAge, age.TotalSeconds);
        if (ledger.Network?.Config is not { } network)
            return;
        AddPool(samples, "ipv4", network.IPv4);
        AddPool(samples, "ipv6", network.IPv6);
    }

    private static void AddPool(Samples samples, string family, SubnetPool? pool)
    {
        if (pool is not null)
            samples.Add(Catalogue.PoolSize, (double)pool.Count, family);
    }
}
