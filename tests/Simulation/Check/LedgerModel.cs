namespace AkkaOverlay.Simulation.Check;

/// <summary>The checker's own idea of the ledger: the acknowledged entries, and who had what after each of them.</summary>
/// <param name="pool">Subnets that there are.</param>
internal sealed class LedgerModel(int pool)
{
    private readonly List<Fact> facts = [];

    /// <summary>After each entry, how many subnets were held or in quarantine.</summary>
    private readonly List<int> taken = [0];
    private readonly Dictionary<int, Guid> holders = [];
    private readonly Dictionary<int, (Guid Owner, long Since)> quarantines = [];
    private readonly Dictionary<Guid, List<(long Seq, Hold Hold)>> owners = [];
    private readonly HashSet<(Guid Owner, long Generation)> releasesAsked = [];
    private readonly HashSet<Guid> gone = [];

    public long Count => facts.Count;

    public IEnumerable<Guid> Owners => owners.Keys;

    public Fact this[long seq] => facts[(int)(seq - 1)];

    public void ReleaseAsked(Guid owner, long generation) => releasesAsked.Add((owner, generation));

    /// <summary>It has nothing any more, and never comes back.</summary>
    public void Gone(Guid owner) => gone.Add(owner);

    public void Add(Fact fact)
    {
        long seq = Count + 1;
        switch (fact.Kind)
        {
            case FactKind.Granted:
                if (fact.Generation != seq)
                    throw new ViolationException($"entry {seq} grants generation {fact.Generation}");
                if (holders.TryGetValue(fact.Subnet, out var holder))
                    throw new ViolationException($"entry {seq}: subnet {fact.Subnet} is granted to {Short(fact.Owner)} while {Short(holder)} holds it");
                if (Now(fact.Owner) is { Subnet: >= 0 } held)
                    throw new ViolationException($"entry {seq}: {Short(fact.Owner)} is granted subnet {fact.Subnet} while it holds {held.Subnet}");
                if (gone.Contains(fact.Owner))
                    throw new ViolationException($"entry {seq}: subnet {fact.Subnet} is granted to {Short(fact.Owner)}, whose last process has released what it held and ended");
                if (quarantines.Remove(fact.Subnet, out var quarantine) && quarantine.Owner != fact.Owner)
                    throw new ViolationException($"entry {seq}: subnet {fact.Subnet} is granted to {Short(fact.Owner)} in the quarantine of {Short(quarantine.Owner)}");
                holders.Add(fact.Subnet, fact.Owner);
                Set(seq, fact.Owner, new Hold(fact.Subnet, fact.Generation, fact.Address));
                break;
            case FactKind.Changed:
                if (Now(fact.Owner) is var now && (now.Subnet != fact.Subnet || now.Generation != fact.Generation))
                    throw new ViolationException($"entry {seq}: {fact}, but it holds {now}");
                Set(seq, fact.Owner, new Hold(fact.Subnet, fact.Generation, fact.Address));
                break;
            case FactKind.Released:
                if (Now(fact.Owner) is var ends && ends.Generation != fact.Generation)
                    throw new ViolationException($"entry {seq}: {fact}, but it holds {ends}");
                if (!releasesAsked.Contains((fact.Owner, fact.Generation)))
                    throw new ViolationException($"entry {seq}: {fact}, and the host never asked for that: its lease is lost");
                holders.Remove(ends.Subnet);
                Set(seq, fact.Owner, Hold.Nothing);
                break;
            case FactKind.Expired:
                if (Now(fact.Owner) is var unseen && (unseen.Subnet < 0 || unseen.Generation != fact.Generation))
                    throw new ViolationException($"entry {seq}: {fact}, but it holds {unseen}");
                holders.Remove(unseen.Subnet);
                quarantines.Add(unseen.Subnet, (fact.Owner, seq));
                Set(seq, fact.Owner, Hold.Nothing);
                break;
            case FactKind.QuarantineOver:
                if (!quarantines.Remove(fact.Subnet))
                    throw new ViolationException($"entry {seq}: {fact}, and it is in none");
                break;
        }
        facts.Add(fact);
        taken.Add(holders.Count + quarantines.Count);
    }

    public Hold Now(Guid owner) => owners.TryGetValue(owner, out var holds) ? holds[^1].Hold : Hold.Nothing;

    /// <summary>After this entry.</summary>
    public Hold At(Guid owner, long seq)
    {
        if (!owners.TryGetValue(owner, out var holds))
            return Hold.Nothing;
        for (int i = holds.Count - 1; i >= 0; i--)
        {
            if (holds[i].Seq <= seq)
                return holds[i].Hold;
        }
        return Hold.Nothing;
    }

    /// <summary>Whether that was so after any entry from the one to the other.</summary>
    public bool Was(Guid owner, long from, long to, Func<Hold, bool> so)
    {
        if (so(At(owner, from)))
            return true;
        return owners.TryGetValue(owner, out var holds) && holds.Exists(hold => hold.Seq > from && hold.Seq <= to && so(hold.Hold));
    }

    /// <summary>No subnet was free after this entry.</summary>
    public bool WasDry(long seq) => taken[(int)seq] >= pool;

    /// <summary>Since this entry at least, the subnet that the owner had last has been kept for it alone.</summary>
    public bool IsKeptFor(Guid owner, long since) => owners.TryGetValue(owner, out var holds) && holds.Count > 1 && holds[^1].Hold == Hold.Nothing
        && quarantines.TryGetValue(holds[^2].Hold.Subnet, out var quarantine) && quarantine.Owner == owner && quarantine.Since <= since;

    public static string Short(Guid owner) => owner.ToString()[..4];

    private void Set(long seq, Guid owner, Hold hold)
    {
        if (!owners.TryGetValue(owner, out var holds))
            owners.Add(owner, holds = []);
        holds.Add((seq, hold));
    }
}
