using System.CommandLine;
using AkkaOverlay.Node.Api;

namespace AkkaOverlay.Node.Cli;

/// <summary>The Akka CLI: <c>cluster show</c>, <c>cluster leave</c>, <c>cluster seats</c>.</summary>
internal static class ClusterCommands
{
    public static Command Create() => new("cluster", "The Akka cluster behind the overlay.")
    {
        Output.Query("show", "Every member: address, roles, status, version.", (client, cancel) => client.MembersAsync(cancel), ApiJson.Default.MembersModel, Show),
        Leave(),
        SeatCommands.Create(),
    };

    /// <summary>In the words of Petabridge.Cmd: address | [roles] | status | unreachable | version.</summary>
    private static void Show(MembersModel members)
    {
        var unreachable = members.Unreachable.Select(item => item.Node).ToHashSet();
        foreach (var member in members.Members)
            Console.WriteLine($"{member.Node} | [{string.Join(",", member.Roles)}] | {member.Status.ToLowerInvariant()} | {(unreachable.Contains(member.Node) ? "unreachable" : "")} | {member.Version}");
        Console.WriteLine($"Count: {members.Members.Count} nodes");
    }

    private static Command Leave()
    {
        var runDirectory = Output.RunDirectory();
        var address = new Argument<string?>("ADDRESS") { Description = "The member, as 'cluster show' names it, or HOST:PORT. [default: this host]", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("leave", "Tell a host to leave for good: its lease is given back, its process ends, every route to it goes.") { address, Output.Network, runDirectory };
        command.SetAction(async (parsed, cancel) =>
        {
            using var client = Output.Client(parsed.GetValue(runDirectory)!);
            string member = parsed.GetValue(address) ?? (await client.MembersAsync(cancel)).SelfNode;
            Console.WriteLine((await client.LeaveAsync(member, cancel)).Message);
            return 0;
        });
        return command;
    }
}
