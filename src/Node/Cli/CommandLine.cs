using System.CommandLine;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Lab;
using AkkaOverlay.Node.Options;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Cli;

/// <summary>The executable's commands, and what becomes of their failures: one line on stderr, and an exit code.</summary>
internal static class CommandLine
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int Usage = 2;

    public static async Task<int> RunAsync(string[] args)
    {
        var root = Root();
        // "@FILE" is for us: the library would put the file's words in its place.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
            return Fail(parsed.Errors[0].Message, Usage);
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (UsageException e)
        {
            return Fail(e.Message, Usage);
        }
        catch (Exception e) when (e is StartException or ApiException)
        {
            return Fail(e.Message, Failed);
        }
        catch (OperationCanceledException)
        {
            return Done;
        }
        catch (Exception e)
        {
            // Nobody foresaw it; a line for the operator all the same, with what a report needs.
            return Fail($"{e.GetType().Name}: {e.Message} {e.StackTrace?.Split('\n').FirstOrDefault()?.Trim()}", Failed);
        }
    }

    internal static RootCommand Root()
    {
        var root = new RootCommand("A container overlay network without etcd and without Kubernetes: hosts with the same seed list, containers that reach each other.")
        {
            RunCommand.Create(),
            StatusCommands.Status(),
            StatusCommands.Peers(),
            StatusCommands.Routes(),
            LeaseCommands.Create(),
            ClusterCommands.Create(),
            NetworkCommands.Create(),
            DockerCommands.Options(),
            DockerCommands.Rules(),
            ExplainCommand.Create(),
            DoctorCommand.Create(),
            CleanupCommand.Create(),
            LabCommand.Create(),
        };
        root.Add(CompletionCommand.Create(() => root));
        return root;
    }

    private static int Fail(string message, int code)
    {
        // A message may quote a file: what the file holds must not steer the terminal.
        string line = string.Concat(message.ReplaceLineEndings(" ").Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString()));
        Console.Error.WriteLine($"akka-overlay: {line}");
        return code;
    }
}
