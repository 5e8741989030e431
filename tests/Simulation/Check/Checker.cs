using AkkaOverlay.Actors.QuorumJournal;

namespace AkkaOverlay.Simulation.Check;

/// <summary>
/// Reads the history as it happens, knows nothing of how the ledger works, and throws where it is wrong.
/// <para>
/// An entry is acknowledged when an allocator was told that it is written, or when a journal was opened with it. Then: one content for each sequence
/// number; every journal that is opened under a later epoch has it; leases never overlap and end only where their owner asked; and what a host is told
/// was true at some moment between its question and the answer.
/// </para>
/// </summary>
internal sealed class Checker
{
    private readonly LedgerModel model = new();

    /// <summary>Of each acknowledged entry, the lowest epoch under which it was.</summary>
    private readonly List<Epoch> acknowledgedBy = [];
    private readonly List<(Epoch Epoch, long LastSeq)> openings = [];
    private readonly Dictionary<Guid, (int Subnet, long Generation)> live = [];

    /// <summary>Entries acknowledged so far: the moment of a question or an answer.</summary>
    public long Moment => model.Count;

    /// <summary>From this moment on a majority of the enrolled disks is gone: nothing may be said any more. Null: it is not.</summary>
    public string? Closed { get; set; }

    public void Opened(Epoch epoch, LedgerLog log)
    {
        MustBeOpen("a ledger was opened");
        var facts = Fact.All(log);
        if (facts.Count != log.LastSeq)
            throw new ViolationException($"the log of epoch {epoch} has {facts.Count} entries and says {log.LastSeq}");
        for (int i = 0; i < acknowledgedBy.Count; i++)
        {
            if (i < facts.Count)
                Same(i + 1, facts[i], $"the log opened in epoch {epoch}");
            else if (acknowledgedBy[i] < epoch)
                throw new ViolationException($"lost: entry {i + 1} ({model[i + 1]}), acknowledged in epoch {acknowledgedBy[i]}; the log opened in epoch {epoch} ends at {facts.Count}");
        }
        openings.Add((epoch, facts.Count));
        for (int i = 0; i < facts.Count; i++)
            Acknowledge(epoch, i + 1, facts[i]);
    }

    public void Written(Epoch epoch, long first, IReadOnlyList<Fact> facts)
    {
        MustBeOpen("an entry was acknowledged");
        for (int i = 0; i < facts.Count; i++)
            Acknowledge(epoch, first + i, facts[i]);
    }

    /// <summary>From now on the host does not use this hold.</summary>
    public void ReleaseAsked(Guid owner, long generation)
    {
        model.ReleaseAsked(owner, generation);
        live.Remove(owner);
    }

    /// <param name="asked">The moment of the host's question.</param>
    public void Granted(Guid owner, Hold told, long asked)
    {
        MustBeOpen("a host was granted a lease");
        if (!model.Was(owner, asked, Moment, hold => hold == told))
            throw new ViolationException($"{LedgerModel.Short(owner)} was told that it holds {told}, which was never so between entries {asked} and {Moment} (now: {model.Now(owner)})");
        if (live.TryGetValue(owner, out var before) && before.Subnet != told.Subnet && model.Now(owner).Generation == before.Generation)
            throw new ViolationException($"{LedgerModel.Short(owner)} holds subnet {before.Subnet} and was told {told.Subnet}");
        foreach (var (other, hold) in live)
        {
            if (other != owner && hold.Subnet == told.Subnet && model.Now(other).Generation == hold.Generation)
                throw new ViolationException($"subnet {told.Subnet} is used by {LedgerModel.Short(other)} and was granted to {LedgerModel.Short(owner)}");
        }
        live[owner] = (told.Subnet, told.Generation);
    }

    public void Released(Guid owner, long generation, long asked)
    {
        if (!model.Was(owner, asked, Moment, hold => hold.Generation != generation))
            throw new ViolationException($"{LedgerModel.Short(owner)} was told that generation {generation} is released, and it is not");
    }

    /// <summary>The pool is as large as there are hosts: none may ever be refused.</summary>
    public void Refused(Guid owner, string text)
    {
        MustBeOpen("a host was refused");
        throw new ViolationException($"{LedgerModel.Short(owner)} was refused: {text}");
    }

    /// <summary>What a host's feed shows.</summary>
    public void Seen(long revision, IReadOnlyDictionary<Guid, Hold> leases)
    {
        if (revision > Moment)
            throw new ViolationException($"revision {revision} was announced; {Moment} are acknowledged");
        int expected = 0;
        foreach (var owner in model.Owners)
        {
            var hold = model.At(owner, revision);
            if (hold != (leases.TryGetValue(owner, out var shown) ? shown : Hold.Nothing))
                throw new ViolationException($"at revision {revision} {LedgerModel.Short(owner)} has {hold}; a feed shows {shown}");
            expected += hold == Hold.Nothing ? 0 : 1;
        }
        if (leases.Count != expected)
            throw new ViolationException($"a feed shows {leases.Count} leases at revision {revision}; there are {expected}");
    }

    private void Acknowledge(Epoch epoch, long seq, Fact fact)
    {
        if (seq <= model.Count)
        {
            Same(seq, fact, $"epoch {epoch}");
            if (epoch >= acknowledgedBy[(int)seq - 1])
                return;
            acknowledgedBy[(int)seq - 1] = epoch;
        }
        else if (seq == model.Count + 1)
        {
            model.Add(fact);
            acknowledgedBy.Add(epoch);
        }
        else
        {
            throw new ViolationException($"entry {seq} was acknowledged in epoch {epoch} before entry {model.Count + 1}");
        }
        foreach (var opening in openings)
        {
            if (opening.Epoch > epoch && opening.LastSeq < seq)
                throw new ViolationException($"lost: entry {seq} ({fact}), acknowledged in epoch {epoch}; the log opened in epoch {opening.Epoch} ends at {opening.LastSeq}");
        }
    }

    private void Same(long seq, Fact fact, string where)
    {
        if (model[seq] != fact)
            throw new ViolationException($"entry {seq} was acknowledged as \"{model[seq]}\" (epoch {acknowledgedBy[(int)seq - 1]}); in {where} it is \"{fact}\"");
    }

    private void MustBeOpen(string what)
    {
        if (Closed is { } reason)
            throw new ViolationException($"{what} although {reason}");
    }
}
