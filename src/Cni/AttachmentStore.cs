using System.Text.Json.Nodes;

namespace AkkaOverlay.Cni;

/// <summary>
/// What ADD gave the delegate, kept for DEL, CHECK and GC: <c>&lt;dataDir&gt;/&lt;network&gt;/&lt;container&gt;:&lt;device&gt;</c>, 0600 in directories of 0700, for runtimeConfig may hold
/// what others must not read. Neither an id nor a device's name has a colon.
/// </summary>
internal sealed class AttachmentStore(string dataDirectory, string network)
{
    private const char Separator = ':';

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string directory = Path.Combine(dataDirectory, network);

    public bool Has(Attachment attachment) => File.Exists(FileOf(attachment));

    /// <summary>Null when there is none, or when it is no JSON object: a power cut may leave an empty file.</summary>
    /// <exception cref="CniException">Code 5: it cannot be read.</exception>
    public JsonObject? Load(Attachment attachment)
    {
        try
        {
            return Json.Object(File.ReadAllBytes(FileOf(attachment)), "");
        }
        catch (Exception e) when (e is CniException or FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused("read", attachment, e);
        }
    }

    /// <summary>The whole file under its name, or none.</summary>
    /// <exception cref="CniException">Code 5: the disk refuses.</exception>
    public void Save(Attachment attachment, JsonObject conf)
    {
        // No attachment's name begins so, and no other process has this id.
        string temporary = Path.Combine(directory, $"{Separator}{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
            File.Delete(temporary);
            using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
                file.Write(Json.Write(conf));
            File.Move(temporary, FileOf(attachment), overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            throw Refused("written", attachment, e);
        }
    }

    /// <exception cref="CniException">Code 5: the disk refuses.</exception>
    public void Remove(Attachment attachment)
    {
        try
        {
            File.Delete(FileOf(attachment));
        }
        catch (DirectoryNotFoundException)
        {
            // Gone it is.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused("removed", attachment, e);
        }
    }

    /// <summary>Those that have a file, a broken one too.</summary>
    public IReadOnlyList<Attachment> All() =>
    [
        .. Names().Select(name => name.Split(Separator, 2))
            .Where(parts => parts is [var container, var device] && Attachment.IsIdentifier(container) && Attachment.IsInterface(device))
            .Select(parts => new Attachment(parts[0], parts[1])),
    ];

    /// <summary>Removes what an ADD that was killed while it saved left behind. Not while another ADD is under way (GC never is, says the specification).</summary>
    public void RemoveUnfinished()
    {
        foreach (string name in Names().Where(name => name[0] == Separator))
            TryDelete(Path.Combine(directory, name));
    }

    private IEnumerable<string> Names() => Directory.Exists(directory) ? Directory.EnumerateFiles(directory).Select(file => Path.GetFileName(file)) : [];

    private string FileOf(Attachment attachment) => Path.Combine(directory, $"{attachment.ContainerId}{Separator}{attachment.Interface}");

    private static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Harmless where it stays.
        }
    }

    private CniException Refused(string what, Attachment attachment, Exception e) =>
        new(ErrorCode.InputOutput, $"the state of {attachment.ContainerId} cannot be {what}", Printable.Of($"{FileOf(attachment)}: {e.Message}"), e);
}
