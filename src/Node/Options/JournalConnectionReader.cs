using AkkaOverlay.Actors.Cluster;

namespace AkkaOverlay.Node.Options;

/// <summary>Reads --journal-connection: the text itself, or the file that holds it. No message quotes any of it.</summary>
internal static class JournalConnectionReader
{
    /// <returns>Null where the option is not given; and whether a password stands where every user of the machine can read it.</returns>
    /// <exception cref="UsageException">The file cannot be read, is everybody's, or the text is no connection string.</exception>
    public static (PostgresConnection? Connection, bool IsPublic) Read(OptionValue? given)
    {
        if (given is null)
            return (null, false);
        if (given.Values is not [{ Length: > 0 } value])
            throw new UsageException($"{given.Source}: takes one value, which is not empty");
        bool inFile = value[0] == '@';
        try
        {
            var connection = PostgresConnection.Parse(inFile ? ReadFile(given.Source, value[1..]) : value);
            return (connection, !inFile && connection.HasPassword && given.Source == "--journal-connection");
        }
        catch (FormatException e)
        {
            throw new UsageException($"{given.Source}{(inFile ? $" {value}" : "")}: {e.Message}");
        }
    }

    private static string ReadFile(string source, string file)
    {
        try
        {
            if ((File.GetUnixFileMode(file) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
                throw new UsageException($"{source} @{file}: every user of this machine can read or write it; chmod 600 {file}");
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{source} @{file}: {e.Message}");
        }
    }
}
