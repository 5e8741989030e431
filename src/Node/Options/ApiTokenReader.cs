using System.Text;
using AkkaOverlay.Node.Api;

namespace AkkaOverlay.Node.Options;

/// <summary>Reads --api-token-file. No message quotes any of the file.</summary>
internal static class ApiTokenReader
{
    private const UnixFileMode OthersMay =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <exception cref="UsageException">The file cannot be read, is not its owner's alone, or holds no token.</exception>
    public static ApiToken Read(string source, string file)
    {
        try
        {
            if (!File.Exists(file))
                throw new UsageException($"{source} {file}: not found");
            using var handle = File.OpenHandle(file);
            // Of what was opened, whatever the name leads to a moment later.
            if ((File.GetUnixFileMode(handle) & OthersMay) != 0)
                throw new UsageException($"{source} {file}: others than its owner can read or write it; chmod 600 {file}");
            byte[] content = new byte[ApiToken.Longest + 16];
            int length = RandomAccess.Read(handle, content, 0);
            return ApiToken.Parse(Encoding.UTF8.GetString(content, 0, length));
        }
        catch (FormatException e)
        {
            throw new UsageException($"{source} {file}: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new UsageException($"{source} {file}: {e.Message}");
        }
    }
}
