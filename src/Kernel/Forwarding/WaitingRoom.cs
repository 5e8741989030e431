using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// Packets that wait until there is a session with their peer: the first ones of a conversation, which would else be lost with every fresh key. Of one thread.
/// </summary>
/// <remarks>The only place of the packet path that allocates: nothing comes here while sessions are there.</remarks>
internal sealed unsafe class WaitingRoom(ForwarderEncryption encryption)
{
    /// <summary>Packets of one peer, and octets of all: a sender that is not answered sends again.</summary>
    private const int MostOfPeer = 64, MostOctets = 4 * 1024 * 1024;

    /// <summary>Whatever waited longer was sent again meanwhile, or is wanted no more.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3), AskAgain = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<ForwardingPeer, Room> rooms = [];
    private int octets;

    public bool IsEmpty => rooms.Count == 0;

    /// <summary>Keeps a packet as it was read, virtio header included, and has a session made.</summary>
    /// <returns>False where it is one too many.</returns>
    public bool TryAdd(ForwardingPeer peer, byte* packet, int length, TimeSpan now)
    {
        if (!rooms.TryGetValue(peer, out var room))
            rooms[peer] = room = new Room();
        if (now - room.AskedAt >= AskAgain)
        {
            room.AskedAt = now;
            encryption.Want(peer.Keys!);
            Prune(now);
        }
        if (room.Packets.Count >= MostOfPeer || octets + length > MostOctets)
            return false;
        room.Packets.Enqueue((now, new ReadOnlySpan<byte>(packet, length).ToArray()));
        octets += length;
        return true;
    }

    /// <summary>Gives the packets of every peer that has a session now, in their order.</summary>
    public IEnumerable<(ForwardingPeer Peer, byte[] Packet)> Ready(TimeSpan now)
    {
        foreach (var (peer, room) in rooms.ToList())
        {
            if (!HasSession(peer, now))
                continue;
            rooms.Remove(peer);
            foreach (var (since, packet) in room.Packets)
            {
                octets -= packet.Length;
                if (now - since < Longest)
                    yield return (peer, packet);
            }
        }
    }

    public static bool HasSession(ForwardingPeer peer, TimeSpan now) => peer.Keys!.Sending is { IsConfirmed: true } session && !session.HasExpired(now);

    private void Prune(TimeSpan now)
    {
        foreach (var (peer, room) in rooms.ToList())
        {
            while (room.Packets.TryPeek(out var first) && now - first.Since >= Longest)
                octets -= room.Packets.Dequeue().Packet.Length;
            if (room.Packets.Count == 0 && now - room.AskedAt >= Longest)
                rooms.Remove(peer);
        }
    }

    private sealed class Room
    {
        public Queue<(TimeSpan Since, byte[] Packet)> Packets { get; } = new();

        public TimeSpan AskedAt { get; set; } = TimeSpan.MinValue / 2;
    }
}
