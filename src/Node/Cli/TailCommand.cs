using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AkkaOverlay.Node.Api;

namespace AkkaOverlay.Node.Cli;

/// <summary><c>cluster tail</c>: the cluster's events as they happen.</summary>
internal static class TailCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var runDirectory = Output.RunDirectory();
        var json = new Option<bool>("--json") { Description = "Each event as a line of JSON." };
        var types = new Option<string[]>("--type") { Description = "Only events of this type, such as MemberEvent or MemberUp; repeat it.", HelpName = "TYPE", AllowMultipleArgumentsPerToken = false };
        types.AcceptOnlyFromAmong([.. ClusterEvents.Names]);
        var command = new Command("tail", "Follow the cluster's events until Ctrl-C; first come those that make up its present state.") { Output.Network, runDirectory, json, types };
        command.SetAction(async (parsed, cancel) =>
        {
            using var client = Output.Client(parsed.GetValue(runDirectory)!);
            using var interrupt = new Interrupt(cancel);
            Watching.HearOfClosedPipes();
            try
            {
                await Follow(client, parsed.GetValue(types) ?? [], parsed.GetValue(json), interrupt.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // Nobody wants to see more.
            }
            return 0;
        });
        return command;
    }

    /// <summary>A node that joins its cluster anew ends the stream, and so does one that is started again: asked until it answers.</summary>
    private static async Task Follow(ApiClient client, string[] types, bool json, CancellationToken cancel)
    {
        string? said = null;
        for (bool heard = false; ; await Task.Delay(Pause, cancel))
        {
            string reason = "this node has left its cluster";
            try
            {
                await foreach (var item in client.EventsAsync(types, cancel))
                {
                    heard = true;
                    said = null;
                    Console.WriteLine(json ? JsonSerializer.Serialize(item, EventJson.Default.ClusterEventModel) : Line(item));
                }
            }
            catch (ApiException e) when (heard)
            {
                reason = e.Message;
            }
            if (said != reason)
                await Console.Error.WriteLineAsync($"akka-overlay: {reason}; asking again");
            said = reason;
        }
    }

    private static string Line(ClusterEventModel item)
    {
        string what = item.Member is { } member
            ? $"{member.UniqueAddress.Address} | [{string.Join(",", member.Roles)}] | {member.Status.ToLowerInvariant()}{(item.PreviousStatus is { } before ? $", was {before.ToLowerInvariant()}" : "")}"
            : $"{(item.Role is { } role ? $"{role} " : "")}{item.Address ?? (item.Type.EndsWith("LeaderChanged", StringComparison.Ordinal) ? "none" : "")}";
        return $"{DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)} {item.Type,-17} {what}".TrimEnd();
    }
}
