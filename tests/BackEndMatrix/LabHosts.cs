using System.Net;
using AkkaOverlay.EndToEnd.Tests;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.BackEndMatrix;

internal static class LabHosts
{
    public static IPAddress Container(this LabHost host, bool ipv6) => (ipv6 ? host.ContainerAddress6 : host.ContainerAddress)!;

    /// <summary>The subnets of its lease.</summary>
    public static async Task<IReadOnlyList<string>> SubnetsAsync(this LabHost host)
    {
        var lease = (await host.Api.StatusAsync()).Lease ?? throw new InvalidOperationException($"{host.Name} has no lease");
        return [.. new[] { lease.Subnet, lease.Ipv6Subnet }.OfType<string>()];
    }

    /// <summary>Runs a command in the host's namespace, as an administrator would: words and nothing else.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static async Task<string> Do(this LabHost host, string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var result = await Command.Run(host.Host, words[0], words[1..]);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"{host.Name}: {line}: {result.Error.Trim()}");
    }
}
