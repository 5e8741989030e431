using System.CommandLine;
using AkkaOverlay.Node.Api;
using Spectre.Console;

namespace AkkaOverlay.Node.Cli;

/// <summary>The Akka CLI: what can be read of the cluster, in the words of Petabridge.Cmd and of Akka's own <c>akka-cluster</c> script.</summary>
internal static class ClusterCommands
{
    public static Command Create() => new("cluster", "The Akka cluster behind the overlay.")
    {
        Show(),
        Output.Query("status", "The cluster as this node sees it: its own part, the leader, who is unreachable.", AskStatus, ClusterJson.Default.ClusterStatusModel, Show),
        Output.Query("members", "The address of every member, one a line.", AskMembers, ClusterJson.Default.IReadOnlyListString, Lines),
        Output.Query("unreachable", "The address of every member that cannot be reached, one a line.", AskUnreachable, ClusterJson.Default.IReadOnlyListString, Lines),
        Output.Query("leader", "The address of the member that lets others in and out. Exit 1 where there is none.", AskLeader, ClusterJson.Default.LeaderModel, Show, (_, answer) => answer.Leader is not null),
        Output.Query("is-available", "Is this node a member that takes part? Exit 0 or 1.", AskAvailable, ClusterJson.Default.AvailableModel, Show, (_, answer) => answer.Available),
        MembershipCommands.Leave(),
        MembershipCommands.Down(),
        MembershipCommands.DownUnreachable(),
        MembershipCommands.Join(),
        TailCommand.Create(),
        SeatCommands.Create(),
    };

    private static Command Show()
    {
        var role = new Option<string?>("--role", "-r") { Description = "Only the members with this role.", HelpName = "ROLE" };
        var command = Output.Query(
            "show", "Every member: address, roles, status, version.",
            async (client, parsed, cancel) => ClusterView.WithRole(await client.MembersAsync(cancel), parsed.GetValue(role)), ApiJson.Default.MembersModel, Show);
        command.Add(role);
        return command;
    }

    /// <summary>In the words of Petabridge.Cmd: address | [roles] | status | unreachable | version.</summary>
    private static void Show(MembersModel members)
    {
        var unreachable = members.Unreachable.Select(item => item.Node).ToHashSet();
        foreach (var member in members.Members)
            Console.WriteLine($"{member.Node} | [{string.Join(",", member.Roles)}] | {member.Status.ToLowerInvariant()} | {(unreachable.Contains(member.Node) ? "unreachable" : "")} | {member.Version}");
        Console.WriteLine($"Count: {members.Members.Count} nodes");
    }

    private static void Show(ClusterStatusModel status)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(2)).AddColumn(new GridColumn());
        void Row(string name, string value) => grid.AddRow($"[bold]{name}[/]", Markup.Escape(value));
        string Named(string? address) => address is null ? "none" : address == status.SelfNode ? $"{address} (this node)" : address;
        Row("Node", status.SelfNode);
        Row("Status", $"{status.Status.ToLowerInvariant()}{(status.Available ? "" : ", not available")}");
        Row("Roles", status.Roles.Count == 0 ? "none" : string.Join(", ", status.Roles));
        Row("Leader", Named(status.Leader));
        Row("Oldest", Named(status.Oldest));
        Row("Members", $"{status.Members}{string.Concat(status.ByStatus.Select(item => $", {item.Value} {item.Key.ToLowerInvariant()}"))}");
        Row("Unreachable", status.Unreachable.Count == 0 ? "none" : string.Join("\n", status.Unreachable));
        AnsiConsole.Write(grid);
    }

    private static void Show(LeaderModel answer) => Console.WriteLine(answer.Leader ?? "none");

    private static void Show(AvailableModel answer) => Console.WriteLine(answer.Available ? "true" : "false");

    private static void Lines(IReadOnlyList<string> addresses)
    {
        foreach (string address in addresses)
            Console.WriteLine(address);
    }

    private static async Task<ClusterStatusModel> AskStatus(ApiClient client, CancellationToken cancel) => ClusterView.Status(await client.MembersAsync(cancel));

    private static async Task<IReadOnlyList<string>> AskMembers(ApiClient client, CancellationToken cancel) => [.. (await client.MembersAsync(cancel)).Members.Select(member => member.Node)];

    private static async Task<IReadOnlyList<string>> AskUnreachable(ApiClient client, CancellationToken cancel) => [.. (await client.MembersAsync(cancel)).Unreachable.Select(member => member.Node)];

    private static async Task<LeaderModel> AskLeader(ApiClient client, ParseResult parsed, CancellationToken cancel) => new((await client.MembersAsync(cancel)).Leader);

    private static async Task<AvailableModel> AskAvailable(ApiClient client, ParseResult parsed, CancellationToken cancel) => new(ClusterView.Status(await client.MembersAsync(cancel)).Available);
}
