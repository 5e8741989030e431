using System.CommandLine.Completions;
using AkkaOverlay.Node.Api;

namespace AkkaOverlay.Node.Cli;

/// <summary>What a shell can complete only by asking the running node. Where that does not answer at once, nothing is offered.</summary>
internal static class FromTheNode
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Addresses of the cluster's members.</summary>
    public static IEnumerable<CompletionItem> Members(CompletionContext context) => Ask(context, async client => (await client.MembersAsync()).Members.Select(member => HostPort(member.Node)));

    /// <summary>Subnets of the ledger.</summary>
    public static IEnumerable<CompletionItem> Subnets(CompletionContext context) =>
        Ask(context, async client => (await client.LeasesAsync()).Leases.SelectMany(lease => new[] { lease.Subnet, lease.Ipv6Subnet }.OfType<string>()));

    private static IEnumerable<CompletionItem> Ask(CompletionContext context, Func<ApiClient, Task<IEnumerable<string>>> question)
    {
        try
        {
            using var client = Output.Client(context.ParseResult.GetValue<string>(Output.RunDirectoryName)!, Patience);
            // A completion cannot wait for a task; there is no other thread to be kept waiting.
            return [.. question(client).GetAwaiter().GetResult().Select(word => new CompletionItem(word))];
        }
        catch (Exception e) when (e is ApiException or InvalidOperationException)
        {
            return [];
        }
    }

    /// <summary>The shortest form that is taken.</summary>
    private static string HostPort(string node) => node[(node.IndexOf('@', StringComparison.Ordinal) + 1)..];
}
