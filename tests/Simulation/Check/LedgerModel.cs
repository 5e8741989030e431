namespace AkkaOverlay.Simulation.Check;

/// <summary>The checker's own idea of the ledger: the acknowledged entries, and who had what after each of them.</summary>
internal sealed class LedgerModel
{
    private readonly List<Fact> facts = [];
    private readonly Dictionary<int, Guid> holders = [];
    private readonly Dictionary<Guid, List<(long Seq, Hold Hold)>> owners = [];
    private readonly HashSet<(Guid Owner, long Generation)> releasesAsked = [];

    public long Count => facts.Count;

    public IEnumerable<Guid> Owners => owners.Keys;

    public Fact this[long seq] => facts[(int)(seq - 1)];

    public void ReleaseAsked(Guid owner, long generation) => releasesAsked.Add((owner, generation));

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
        }
        facts.Add(fact);
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

    public static string Short(Guid owner) => owner.ToString()[..4];

    private void Set(long seq, Guid owner, Hold hold)
    {
        if (!owners.TryGetValue(owner, out var holds))
            owners.Add(owner, holds = []);
        holds.Add((seq, hold));
    }
}
