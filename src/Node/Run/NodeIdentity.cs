using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Node.Run;

/// <summary>The host's stable identity on its disk: made once, never guessed from addresses or hardware.</summary>
public static class NodeIdentity
{
    /// <exception cref="StartException">The file cannot be read, or holds something else: overwriting it would lose the host's lease.</exception>
    public static NodeId LoadOrCreate(string file)
    {
        try
        {
            if (File.Exists(file))
            {
                string text = File.ReadAllText(file).Trim();
                return NodeId.TryParse(text, out var known)
                    ? known
                    : throw new StartException($"{file}: '{(text.Length > 60 ? text[..60] + "…" : text)}' is not a node id; restore the file, or delete it to become a new host");
            }
            var id = NodeId.New();
            string temporary = $"{file}.new";
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                stream.Write(System.Text.Encoding.ASCII.GetBytes($"{id}\n"));
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, file);
            return id;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{file}: {e.Message}", e);
        }
    }
}
