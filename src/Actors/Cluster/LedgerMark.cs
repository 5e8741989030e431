namespace AkkaOverlay.Actors.Cluster;

/// <summary>Which ledger a host has worked with, on its disk beside the cluster's id.</summary>
/// <param name="Of">Its id is null where only a damaged copy of it was ever seen.</param>
/// <param name="Lost">The host's own copy of it is gone or was set aside: what is here in its place is new and forgot every lease.</param>
public sealed record LedgerMark(LedgerIdentity Of, bool Lost = false);

/// <summary>
/// Where the mark is kept: what a ledger's own file cannot tell once it is gone. It is written after the ledger and before anybody is told of it, and a loss before
/// the damaged copy is moved: so that a host with a mark once had that ledger, and one that begins anew in its place knows that it does.
/// </summary>
/// <param name="stateDirectory">Survives a reboot.</param>
public sealed class LedgerMarkFile(string stateDirectory)
{
    private const string Held = "held", Gone = "lost", Unknown = "unknown";

    private readonly Lock gate = new();
    private LedgerMark? known;
    private bool loaded;

    public string Path { get; } = System.IO.Path.Combine(stateDirectory, "ledger-id");

    /// <summary>Null where this host never had a part in a ledger. Read from the disk once.</summary>
    /// <exception cref="InvalidDataException">The file holds something else: taking it for none could found a second ledger.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public LedgerMark? Current
    {
        get
        {
            lock (gate)
            {
                if (!loaded)
                    known = File.Exists(Path) ? Read(File.ReadAllText(Path)) : null;
                loaded = true;
                return known;
            }
        }
    }

    /// <summary>This host has this ledger.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Keep(LedgerIdentity ledger) => Write(new LedgerMark(ledger));

    /// <summary>This host's copy of its quorum ledger is lost, whichever that was.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Lose() => Write(new LedgerMark(Current?.Of ?? new LedgerIdentity(LedgerIdentity.Quorum, null), Lost: true));

    private void Write(LedgerMark mark)
    {
        if (Current == mark)
            return;
        lock (gate)
        {
            AtomicFile.Write(Path, $"{mark.Of.Kind} {mark.Of.Id?.ToString("D") ?? Unknown} {(mark.Lost ? Gone : Held)}\n", durable: true);
            known = mark;
        }
    }

    private LedgerMark Read(string text)
    {
        string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        bool right = words is [LedgerIdentity.Quorum or LedgerIdentity.Postgres, _, Held or Gone];
        Guid? id = null;
        if (right && words[1] != Unknown)
        {
            right = Guid.TryParseExact(words[1], "D", out var parsed);
            id = parsed;
        }
        return right
            ? new LedgerMark(new LedgerIdentity(words[0], id), words[2] == Gone)
            : throw new InvalidDataException(
                $"{Path}: '{(text.Length > 60 ? text[..60] + "…" : text.Trim())}' does not say which ledger this host has; delete it where the seat or the database has lost nothing: it is then written anew");
    }
}
