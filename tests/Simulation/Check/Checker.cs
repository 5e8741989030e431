using AkkaOverlay.Actors.QuorumJournal;
using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Simulation.Check;

/// <summary>
/// Reads the history as it happens, knows nothing of how the ledger works, and throws where it is wrong.
/// <para>
/// An entry is acknowledged when an allocator was told that it is written, or when a journal was opened with it. Then: one content for each sequence
/// number; every journal that is opened under a later epoch has it; leases never overlap; and what a host is told was true at some moment between its
/// question and the answer.
/// </para>
/// <para>
/// A lease ends where its owner asked for that, or where the allocator in office has not heard of the owner for the whole TTL, in which it was awake; when no
/// subnet is free, for a shorter while, and then whoever is unheard the longest. So a host whose questions are answered keeps its lease. Nobody else gets a
/// subnet in its quarantine. To a host that has released its lease and gone for good nothing is granted any more.
/// </para>
/// </summary>
/// <param name="pool">Subnets that there are.</param>
/// <param name="now">The world's time.</param>
internal sealed class Checker(LeaseTimes times, int pool, Func<TimeSpan> now)
{
    private readonly LedgerModel model = new(pool);

    /// <summary>Of each owner, when it asked the last question that was answered with a lease, and how many clocks had jumped by then.</summary>
    private readonly Dictionary<Guid, (TimeSpan Asked, int Jumps)> answered = [];

    /// <summary>Of each acknowledged entry, the lowest epoch under which it was.</summary>
    private readonly List<Epoch> acknowledgedBy = [];
    private readonly List<(Epoch Epoch, long LastSeq)> openings = [];
    private readonly Dictionary<Guid, (int Subnet, long Generation)> live = [];

    /// <summary>Entries acknowledged so far: the moment of a question or an answer.</summary>
    public long Moment => model.Count;

    /// <summary>From this moment on a majority of the enrolled disks is gone: nothing may be said any more. Null: it is not.</summary>
    public string? Closed { get; set; }

    /// <summary>Clocks that have jumped so far, on any machine.</summary>
    public int Jumps { get; set; }

    public Hold Now(Guid owner) => model.Now(owner);

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

    /// <summary>An allocator has made up its mind, and is about to write it.</summary>
    /// <param name="first">Sequence number of the first.</param>
    public void Decided(Office office, long first, IReadOnlyList<Fact> facts)
    {
        foreach (var fact in facts)
        {
            if (fact.Kind == FactKind.QuarantineOver && office.QuarantineOf(fact.Subnet) < times.Quarantine)
                throw new ViolationException($"{fact} after {office.QuarantineOf(fact.Subnet).TotalSeconds:F1} s at most; it lasts {times.Quarantine.TotalSeconds:F0} s");
            if (fact.Kind == FactKind.Expired && office.Unheard(fact.Owner) < times.Ttl)
                MayReclaim(office, first, fact);
        }
    }

    private void MayReclaim(Office office, long first, Fact fact)
    {
        var unheard = office.Unheard(fact.Owner);
        bool dry = model.WasDry(first - 1);
        if (unheard < times.ReclaimAfter || !dry)
            throw new ViolationException($"{fact}, which the allocator has not heard for {unheard.TotalSeconds:F1} s at most (the TTL is {times.Ttl.TotalSeconds:F0} s){(dry ? "" : ", and subnets are free")}");
        foreach (var other in model.Owners)
        {
            if (model.At(other, first - 1) != Hold.Nothing && office.HeardBefore(other, fact.Owner))
                throw new ViolationException($"{fact} to get its subnet, and {LedgerModel.Short(other)} has been unheard for longer");
        }
    }

    /// <summary>From now on the host does not use this hold.</summary>
    public void ReleaseAsked(Guid owner, long generation)
    {
        model.ReleaseAsked(owner, generation);
        live.Remove(owner);
    }

    /// <summary>It was told that its lease is released, and is gone for good.</summary>
    public void Gone(Guid owner) => model.Gone(owner);

    /// <param name="asked">The moment of the host's question.</param>
    /// <param name="askedAt">The world's time then.</param>
    public void Granted(Guid owner, Hold told, long asked, TimeSpan askedAt)
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
        answered[owner] = (askedAt, Jumps);
    }

    public void Released(Guid owner, long generation, long asked)
    {
        if (!model.Was(owner, asked, Moment, hold => hold.Generation != generation))
            throw new ViolationException($"{LedgerModel.Short(owner)} was told that generation {generation} is released, and it is not");
    }

    /// <summary>Only where no subnet was free at some moment between the question and the answer.</summary>
    public void Refused(Guid owner, string text, long asked)
    {
        MustBeOpen("a host was refused");
        bool dry = false;
        for (long moment = asked; !dry && moment <= Moment; moment++)
            dry = model.WasDry(moment);
        if (!dry)
            throw new ViolationException($"{LedgerModel.Short(owner)} was refused, and subnets were free all the time: {text}");
        if (model.IsKeptFor(owner, asked))
            throw new ViolationException($"{LedgerModel.Short(owner)} was refused, and the subnet that it had last is in quarantine for it alone: {text}");
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
            if (fact.Kind == FactKind.Expired)
                WasSilent(fact);
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

    /// <summary>Whoever lives and is connected is answered, and whoever is answered was heard.</summary>
    private void WasSilent(Fact fact)
    {
        if (!answered.TryGetValue(fact.Owner, out var last))
            return;
        var most = ((now() - last.Asked) * Office.FastestClock) + (Office.LongestStep * (Jumps - last.Jumps));
        if (most < (model.WasDry(model.Count) ? times.ReclaimAfter : times.Ttl))
            throw new ViolationException($"{fact}, and {(now() - last.Asked).TotalSeconds:F1} s ago it asked and was told that it has a lease");
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
