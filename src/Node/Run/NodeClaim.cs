using System.Net.Sockets;
using System.Text;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Node.Run;

/// <summary>
/// What keeps two nodes from being one: a state directory is one process's and one network's, and a network runs once on a host. Held until the process ends, however it ends.
/// </summary>
public sealed class NodeClaim : IDisposable
{
    /// <summary>With a dot, which no network's name has: of the default network this directory holds the others'.</summary>
    private const string FileName = "node.lock";

    /// <summary>Of the abstract address that a running network holds, after the octet 0 and before its name.</summary>
    internal const string NamePrefix = "akka-overlay/network/";

    private readonly FileStream file;
    private readonly Socket name;

    private NodeClaim(FileStream file, Socket name)
    {
        this.file = file;
        this.name = name;
    }

    /// <summary>Looks only, and at nothing where there is no state directory yet.</summary>
    /// <exception cref="StartException">The directory is another node's or another network's.</exception>
    public static void Check(string stateDirectory, NetworkName network)
    {
        string path = Path.Combine(stateDirectory, FileName);
        bool used = File.Exists(NodeIdentity.FileIn(stateDirectory));
        string theirs = "";
        if (File.Exists(path))
        {
            using var held = Open(path, FileMode.Open);
            theirs = Read(held);
        }
        // An earlier release has no such file, and no networks but the default one.
        if (used && theirs != network.Text)
            throw new StartException($"{stateDirectory}: holds the node of {(NetworkName.TryParse(theirs, out var name) || theirs.Length == 0 ? name : "something else")}, not of {network}; give each network a --state-dir of its own");
    }

    /// <exception cref="StartException">As <see cref="Check"/>, or the network runs on this host already.</exception>
    public static NodeClaim Take(string stateDirectory, NetworkName network)
    {
        var name = Bind(network);
        try
        {
            Check(stateDirectory, network);
            var file = Open(Path.Combine(stateDirectory, FileName), FileMode.OpenOrCreate);
            byte[] text = Encoding.ASCII.GetBytes($"{network.Text}\n");
            file.SetLength(0);
            file.Write(text);
            file.Flush(flushToDisk: true);
            return new NodeClaim(file, name);
        }
        catch
        {
            name.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        file.Dispose();
        name.Dispose();
    }

    /// <summary>An abstract address (unix(7)): of one network namespace, as the kernel objects are, and gone with its process.</summary>
    private static Socket Bind(NetworkName network)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint($"\0{NamePrefix}{network.Text}"));
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new StartException(e.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"a node of {network} runs on this host already; a second network needs a --network NAME of its own"
                : $"{network} cannot be claimed: {e.Message}", e);
        }
    }

    /// <summary>FileShare.None is flock(2) here.</summary>
    private static FileStream Open(string path, FileMode mode)
    {
        try
        {
            return new FileStream(path, mode, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StartException($"{path}: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new StartException($"{path}: another node works with this --state-dir; each needs its own ({e.Message})", e);
        }
    }

    private static string Read(FileStream file)
    {
        using var reader = new StreamReader(file, Encoding.ASCII, leaveOpen: true);
        return reader.ReadToEnd().Trim();
    }
}
