using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Files;

namespace AkkaOverlay.Node.Run;

/// <summary>The host's stable identity on its disk: made once, never guessed from addresses or hardware.</summary>
public static class NodeIdentity
{
    public static string FileIn(string stateDirectory) => Path.Combine(stateDirectory, "node-id");

    /// <returns>Null where this host has none yet.</returns>
    /// <exception cref="StartException">The file cannot be read, or holds something else: overwriting it would lose the host's lease.</exception>
    public static NodeId? Find(string file)
    {
        try
        {
            if (!File.Exists(file))
                return null;
            string text = File.ReadAllText(file).Trim();
            return NodeId.TryParse(text, out var known)
                ? known
                : throw new StartException($"{file}: '{(text.Length > 60 ? text[..60] + "…" : text)}' is not a node id; restore the file, or delete it to become a new host");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{file}: {e.Message}", e);
        }
    }

    /// <exception cref="StartException">As <see cref="Find"/>, or the file cannot be written.</exception>
    public static NodeId LoadOrCreate(string file)
    {
        if (Find(file) is { } known)
            return known;
        try
        {
            var id = NodeId.New();
            string temporary = $"{file}.new";
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                stream.Write(System.Text.Encoding.ASCII.GetBytes($"{id}\n"));
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, file);
            DirectoryEntries.Flush(Path.GetDirectoryName(Path.GetFullPath(file))!);
            return id;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{file}: {e.Message}", e);
        }
    }
}
