using AkkaOverlay.Actors.Cleanup;
using AkkaOverlay.Actors.Extension;
using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Netfilter;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Proc;
using AkkaOverlay.Kernel.Programs;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Docker;
using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Node.Run;

/// <summary>
/// Takes a node's traces off a host on which it does not run any more: kernel objects, subnet.env, the socket. The state directory stays:
/// with it the host gets its subnet back when the node runs again, without it the ledger would take it for another host.
/// </summary>
internal static class HostCleaner
{
    /// <exception cref="StartException">It may not, a node still runs, or the node id is broken. Nothing was removed.</exception>
    public static CleanupModel Run(NodeDirectories directories)
    {
        if (!Capabilities.HasNetAdmin())
            throw new StartException("no CAP_NET_ADMIN: run it as root, or give it the capability");
        string socket = ApiSocket.PathIn(directories.Run);
        var found = ApiSocket.Look(socket);
        if (found == SocketState.Answered)
            throw new StartException($"{socket}: a node runs with this --run-dir and would put everything back; stop it first");
        var node = NodeIdentity.Find(NodeIdentity.FileIn(directories.State));
        try
        {
            using IRtnetlink kernel = RtnetlinkSocket.Open();
            var outcome = new HostCleanup(kernel, directories.Network).Run(node);
            var removed = outcome.Removed.Select(item => new RemovedModel(item.Kind, item.Name)).ToList();
            var errors = outcome.Errors.ToList();
            UndoCommands(directories.State, removed, errors);
            CleanFirewall(FirewallNames.Of(directories.Network), removed, errors);
            if (node is null)
                errors.AddRange(Unproven(kernel, directories));
            RemoveDockerRules(directories.Network, removed, errors);
            Delete(directories.SubnetFile, removed, errors);
            if (found == SocketState.Stale)
                Delete(socket, removed, errors);
            return new CleanupModel(removed, removed.Count, directories.State, errors);
        }
        catch (NetlinkException e)
        {
            throw new StartException(e.Message, e);
        }
    }

    private static void UndoCommands(string stateDirectory, List<RemovedModel> removed, List<string> errors)
    {
        try
        {
            var outcome = new ExtensionCleanup(new ExtensionFile(stateDirectory, BootId.Read().ToString(), NamespaceIdentity.OfThread()), new ProgramRunner()).RunAsync().GetAwaiter().GetResult();
            removed.AddRange(outcome.Removed.Select(item => new RemovedModel(item.Kind, item.Name)));
            errors.AddRange(outcome.Errors);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(e.Message);
        }
    }

    private static void CleanFirewall(FirewallNames names, List<RemovedModel> removed, List<string> errors)
    {
        var outcome = new FirewallCleanup(new ToolRunner { MoreFolders = ToolRunner.SystemFolders }).Run(names);
        removed.AddRange(outcome.Removed.Select(item => new RemovedModel(item.Kind, item.Name)));
        errors.AddRange(outcome.Errors);
    }

    /// <summary>Without a node id, a device of ours and one of flannel look alike.</summary>
    private static IEnumerable<string> Unproven(IRtnetlink kernel, NodeDirectories directories) => kernel.DumpLinks()
        .Where(link => link.Name.StartsWith("flannel", StringComparison.Ordinal))
        .Select(link => $"device {link.Name} stays: nothing says that it is ours without {NodeIdentity.FileIn(directories.State)} (--state-dir?)");

    private static void RemoveDockerRules(NetworkName network, List<RemovedModel> removed, List<string> errors)
    {
        var outcome = DockerFirewall.Of(network).Remove();
        removed.AddRange(outcome.Removed.Select(rule => new RemovedModel("rule", rule)));
        errors.AddRange(outcome.Errors);
    }

    private static void Delete(string file, List<RemovedModel> removed, List<string> errors)
    {
        try
        {
            if (!File.Exists(file))
                return;
            File.Delete(file);
            removed.Add(new RemovedModel("file", file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add($"{file}: {e.Message}");
        }
    }
}
