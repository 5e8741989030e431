using AkkaOverlay.Node.Api;

namespace AkkaOverlay.Node.Lab.Screen;

/// <summary>What the live view shows of a host.</summary>
/// <param name="Cluster">The member's status, or "-".</param>
/// <param name="Trouble">Why it is not ready, in a line; empty where it is.</param>
internal sealed record HostState(string Name, bool Ready, string Cluster, int Peers, long KernelWrites, string Trouble)
{
    public static async Task<HostState> OfAsync(LabHost host, CancellationToken cancel)
    {
        if (!host.IsRunning)
            return Silent(host, host.Process is null ? "not started" : $"ended with status {host.Process.ExitCode}");
        try
        {
            var status = await host.Api.StatusAsync(cancel);
            string trouble = NotReady.Because(status.Components);
            return new HostState(host.Name, status.Ready, status.Cluster, status.Peers, status.KernelWrites, trouble);
        }
        catch (ApiException)
        {
            return Silent(host, "no answer");
        }
    }

    private static HostState Silent(LabHost host, string trouble) => new(host.Name, false, "-", 0, 0, trouble);
}
