using System.Collections.Immutable;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Node.Run;

/// <summary>Reads net-conf.json for a command: whatever is wrong becomes one line that names the file.</summary>
public static class NetConfFile
{
    /// <exception cref="StartException">The file cannot be read, or a field is refused: the field, the value and the rule.</exception>
    public static NetworkConfig Load(string file, out ImmutableArray<string> warnings)
    {
        try
        {
            return NetConf.Load(file, out warnings);
        }
        catch (NetConfException e)
        {
            throw new StartException($"{file}: {e.Message}", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StartException($"{file}: not found", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{file}: {e.Message}", e);
        }
    }
}
