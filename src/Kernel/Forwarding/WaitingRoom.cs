using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// Packets that wait until there is a session with their peer: the first ones of a conversation, which would else be lost with every fresh key. Of one thread.
/// </summary>
/// <remarks>The only place of the packet path that allocates, and only for what waits: nothing comes here while sessions are there.</remarks>
internal sealed unsafe class WaitingRoom(ForwarderEncryption encryption, ForwarderCounters counters)
{
    /// <summary>Packets of one peer, and octets of all: a sender that is not answered sends again.</summary>
    private const int MostOfPeer = 64, MostOctets = 4 * 1024 * 1024;

    /// <summary>Whatever waited longer was sent again meanwhile, or is wanted no more.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3), AskAgain = TimeSpan.FromMilliseconds(200), LookAgain = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<PeerKeyExchange, Room> rooms = [];
    private readonly List<PeerKeyExchange> ready = [];
    private TimeSpan lookAt;
    private int octets;

    public bool IsEmpty => rooms.Count == 0;

    public static bool HasSession(PeerKeyExchange peer, TimeSpan now) => peer.Sending is { IsConfirmed: true } session && !session.HasExpired(now);

    /// <summary>Something waits for this peer: it goes before whatever comes now.</summary>
    public bool Holds(PeerKeyExchange peer) => rooms.Count > 0 && rooms.ContainsKey(peer);

    /// <summary>Something came to wait since the last look, or waits long enough to be looked after.</summary>
    public bool IsToLookAt(TimeSpan now) => rooms.Count > 0 && now >= lookAt;

    /// <summary>Keeps a packet as it was read, virtio header included, and has a session made.</summary>
    /// <returns>False where it is one too many.</returns>
    public bool TryAdd(PeerKeyExchange peer, byte* packet, int length, TimeSpan now)
    {
        if (!rooms.TryGetValue(peer, out var room))
            rooms[peer] = room = new Room();
        Prune(room, now);
        if (now - room.AskedAt >= AskAgain)
        {
            room.AskedAt = now;
            encryption.Want(peer);
        }
        if (room.Packets.Count >= MostOfPeer || octets + length > MostOctets)
            return false;
        room.Packets.Enqueue(new Waiting(now, new ReadOnlySpan<byte>(packet, length).ToArray()));
        octets += length;
        lookAt = now;
        return true;
    }

    /// <summary>Looks after all: what waited too long is dropped.</summary>
    /// <returns>The peers that have a session now; good until the next call.</returns>
    public List<PeerKeyExchange> Ready(TimeSpan now)
    {
        ready.Clear();
        lookAt = now + LookAgain;
        foreach (var (peer, room) in rooms)
        {
            Prune(room, now);
            if (room.Packets.Count == 0)
                rooms.Remove(peer);
            else if (HasSession(peer, now))
                ready.Add(peer);
        }
        return ready;
    }

    /// <summary>Gives away what waits for a peer, in its order: it waits no more.</summary>
    public Queue<Waiting>? Take(PeerKeyExchange peer, TimeSpan now)
    {
        if (!rooms.Remove(peer, out var room))
            return null;
        Prune(room, now);
        foreach (var waiting in room.Packets)
            octets -= waiting.Packet.Length;
        return room.Packets;
    }

    private void Prune(Room room, TimeSpan now)
    {
        while (room.Packets.TryPeek(out var first) && now - first.Since >= Longest)
        {
            octets -= room.Packets.Dequeue().Packet.Length;
            counters.Drop(ForwarderDrop.NoSession);
        }
    }

    /// <param name="Packet">With its virtio header.</param>
    public readonly record struct Waiting(TimeSpan Since, byte[] Packet);

    private sealed class Room
    {
        public Queue<Waiting> Packets { get; } = new();

        public TimeSpan AskedAt { get; set; } = TimeSpan.MinValue / 2;
    }
}
