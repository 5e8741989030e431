using System.CommandLine;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Node.Cli;

/// <summary>What an operator does with members: <c>cluster leave</c>, <c>down</c>, <c>down-unreachable</c>, <c>join</c>.</summary>
internal static class MembershipCommands
{
    public static Command Leave()
    {
        var address = Member("The member, as 'cluster show' names it, or HOST[:PORT]. [default: this host]", ArgumentArity.ZeroOrOne);
        var drain = new Option<string?>("--drain")
        {
            Description = "It waits until no container is left there, so long at most; without a value 10m, 0s for no wait. [default: what its own --drain says]",
            HelpName = "DURATION",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = Wish(
            "leave", "Tell a host to leave for good: its lease is given back, its process ends, every route to it goes.", address,
            async (client, parsed, cancel) =>
            {
                string? limit = DrainIn(parsed, drain);
                Console.WriteLine((await client.LeaveAsync(AddressIn(parsed, address) ?? (await client.MembersAsync(cancel)).SelfNode, limit, cancel)).Message);
            });
        command.Add(drain);
        return command;
    }

    public static Command Down()
    {
        var address = Member("The member, as 'cluster show' names it, or HOST[:PORT].", ArgumentArity.ExactlyOne);
        var force = new Option<bool>("--force") { Description = "Also a member that is reached." };
        var command = Wish(
            "down", "Put a member out of the cluster that is gone and will not come back. Its lease and the routes to it stay; a host that lives joins again.", address,
            async (client, parsed, cancel) =>
            {
                string member = AddressIn(parsed, address)!;
                if (!parsed.GetValue(force))
                    RefuseReachable(await client.MembersAsync(cancel), member);
                Console.WriteLine((await client.DownAsync(member, cancel)).Message);
            });
        command.Add(force);
        return command;
    }

    public static Command DownUnreachable() => Wish(
        "down-unreachable", "Put every member out of the cluster that cannot be reached. Their leases and the routes to them stay.", null,
        async (client, _, cancel) =>
        {
            var members = await client.MembersAsync(cancel);
            // One that is put out stays on the list until every member has heard of it.
            var unreachable = members.Unreachable.Where(item => members.Members.Any(member => member.Node == item.Node && member.Status != "Down")).ToList();
            foreach (var member in unreachable)
                Console.WriteLine((await client.DownAsync(member.Node, cancel)).Message);
            if (unreachable.Count == 0)
                Console.WriteLine("No member is unreachable");
        });

    public static Command Join()
    {
        var address = Member("A host that is a member, as HOST[:PORT].", ArgumentArity.ExactlyOne);
        address.CompletionSources.Clear();
        return Wish(
            "join", "Tell this host, which finds none of its seeds, to join the cluster that another one is in. Seeds find each other by themselves.", address,
            async (client, parsed, cancel) => Console.WriteLine((await client.JoinAsync(AddressIn(parsed, address)!, cancel)).Message));
    }

    /// <exception cref="ApiException">It is reached, and so its host lives: with the option that does it all the same.</exception>
    private static void RefuseReachable(MembersModel members, string typed)
    {
        var named = MemberAddress.Parse(typed);
        var found = members.Members.FirstOrDefault(member => named!.IsOf(Akka.Actor.Address.Parse(member.Node)));
        if (found is not null && !members.Unreachable.Any(item => item.Node == found.Node))
            throw new ApiException($"{found.Node} is reached: put out, it would only join again; --force does it, 'cluster leave' takes a host out for good");
    }

    private static Argument<string?> Member(string description, ArgumentArity arity)
    {
        var argument = new Argument<string?>("ADDRESS") { Description = description, Arity = arity };
        argument.CompletionSources.Add(FromTheNode.Members);
        return argument;
    }

    /// <exception cref="UsageException">It is no address.</exception>
    private static string? AddressIn(ParseResult parsed, Argument<string?> argument) => parsed.GetValue(argument) is not { } typed ? null
        : MemberAddress.Parse(typed) is not null ? typed
        : throw new UsageException($"ADDRESS '{typed}': {MemberAddress.Rule}");

    /// <returns>Null where it is not given.</returns>
    /// <exception cref="UsageException">It is no duration.</exception>
    private static string? DrainIn(ParseResult parsed, Option<string?> option) => parsed.GetResult(option) is not { Implicit: false } ? null
        : parsed.GetValue(option) is not { } typed ? $"{RunOptions.DefaultDrain.TotalSeconds:0}s"
        : Duration.Parse(typed) is { } drain && drain <= Duration.Longest ? typed
        : throw new UsageException($"--drain '{typed}': {Duration.Rule}");

    private static Command Wish(string name, string description, Argument<string?>? address, Func<ApiClient, ParseResult, CancellationToken, Task> tell)
    {
        var runDirectory = Output.RunDirectory();
        var command = new Command(name, description) { Output.Network, runDirectory };
        if (address is not null)
            command.Add(address);
        command.SetAction(async (parsed, cancel) =>
        {
            using var client = Output.Client(parsed.GetValue(runDirectory)!);
            await tell(client, parsed, cancel);
            return 0;
        });
        return command;
    }
}
