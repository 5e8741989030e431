using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace AkkaOverlay.Actors.Probes;

/// <summary>
/// Which peers a host probes: its neighbours on a ring of all members, as many on either side. Whoever a host probes probes it too, every host is probed by as many as
/// it probes, and one that comes or goes changes one peer of each of its neighbours. A member's place is a hash of its address: neighbours in a rack are none on the ring.
/// </summary>
public static class ProbeRing
{
    /// <summary>Peers of a host; all others where these are no more.</summary>
    public const int Most = 20;

    /// <param name="self">This host's member address.</param>
    /// <param name="members">All members' addresses, this host's among them or not.</param>
    public static ImmutableArray<string> Choose(string self, IEnumerable<string> members, int most = Most)
    {
        var ring = members.Append(self).Distinct(StringComparer.Ordinal).Select(member => (Place: PlaceOf(member), Member: member)).ToArray();
        Array.Sort(ring);
        int here = Array.FindIndex(ring, place => place.Member == self);
        int side = Math.Min(most / 2, ring.Length / 2);
        var offsets = Enumerable.Range(-side, (2 * side) + 1).Where(offset => offset != 0);
        return [.. offsets.Select(offset => ring[(here + offset + ring.Length) % ring.Length].Member).Where(member => member != self).Distinct(StringComparer.Ordinal)];
    }

    private static ulong PlaceOf(string member)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(member), digest);
        return BinaryPrimitives.ReadUInt64BigEndian(digest);
    }
}
