using System.Security.Cryptography;

namespace AkkaOverlay.Kernel.Noise;

/// <summary>What stands behind a local index.</summary>
public sealed class SessionEntry
{
    private TransportSession? _session;

    internal SessionEntry(uint index, PeerKeyExchange peer) => (Index, Peer) = (index, peer);

    public uint Index { get; }

    public PeerKeyExchange Peer { get; }

    /// <summary>Null as long as our initiation has no answer.</summary>
    public TransportSession? Session
    {
        get => Volatile.Read(ref _session);
        internal set => Volatile.Write(ref _session, value);
    }
}

/// <summary>
/// Finds sessions by the index that a peer writes into its datagrams, without a lock. The lower bits of an index are its place in the table. The upper
/// bits begin by chance and count how often the place was given away, so an index that is stale is never that of the next session in its place.
/// </summary>
public sealed class SessionIndex
{
    /// <summary>2^20 sessions leave 12 bits to tell stale indexes apart: room for many times 10,000 peers with three sessions and an open handshake each.</summary>
    private const int MaxPlaces = 1 << 20;

    private readonly Lock _gate = new();
    private SessionEntry?[] _table;
    private uint[] _lastIndex;
    private Queue<int> _free = new();
    private int _count;

    /// <param name="places">A power of two, at least 1.</param>
    internal SessionIndex(int places = 1024)
    {
        _table = new SessionEntry?[places];
        _lastIndex = new uint[places];
        for (int place = 0; place < places; place++)
        {
            _lastIndex[place] = (Random() & ~(uint)(places - 1)) | (uint)place;
            _free.Enqueue(place);
        }
    }

    /// <summary>Sessions and open handshakes.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Null where the index is unknown, stale, or somebody's invention.</summary>
    public SessionEntry? Find(uint index)
    {
        var table = Volatile.Read(ref _table);
        var entry = Volatile.Read(ref table[index & (uint)(table.Length - 1)]);
        return entry is not null && entry.Index == index ? entry : null;
    }

    /// <exception cref="InvalidOperationException">2^20 are in use.</exception>
    internal SessionEntry Take(PeerKeyExchange peer)
    {
        lock (_gate)
        {
            if (_free.Count == 0)
                Grow();
            // The place that was given back first: its last index is the longest out of use.
            int place = _free.Dequeue();
            uint index = _lastIndex[place] + (uint)_table.Length;
            _lastIndex[place] = index;
            var entry = new SessionEntry(index, peer);
            Volatile.Write(ref _table[place], entry);
            _count++;
            return entry;
        }
    }

    internal void Release(SessionEntry entry)
    {
        lock (_gate)
        {
            int place = (int)(entry.Index & (uint)(_table.Length - 1));
            if (_table[place] != entry)
                return;
            Volatile.Write(ref _table[place], null);
            _free.Enqueue(place);
            _count--;
        }
    }

    /// <summary>
    /// Twice as many places. Every entry keeps its index, whose lower bits, one more than before, are its new place. Both places that come of an old one
    /// go on counting from its last index, so nothing that was given out before comes again.
    /// </summary>
    private void Grow()
    {
        int before = _table.Length;
        if (before >= MaxPlaces)
            throw new InvalidOperationException($"{before} sessions are in use.");
        var table = new SessionEntry?[2 * before];
        var lastIndex = new uint[2 * before];
        var free = new Queue<int>(before);
        for (int place = 0; place < table.Length; place++)
        {
            uint last = _lastIndex[place & (before - 1)];
            bool isPlaceOfLast = (last & (uint)(table.Length - 1)) == place;
            lastIndex[place] = isPlaceOfLast ? last : last - (uint)before;
            if (isPlaceOfLast && _table[place & (before - 1)] is { } entry)
                table[place] = entry;
            else
                free.Enqueue(place);
        }
        (_lastIndex, _free) = (lastIndex, free);
        Volatile.Write(ref _table, table);
    }

    private static uint Random() => BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));
}
