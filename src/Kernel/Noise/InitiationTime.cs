using System.Buffers.Binary;

namespace AkkaOverlay.Kernel.Noise;

/// <summary>
/// Orders the initiations of one host, so that a responder refuses those that it had before. No clock: the epoch grows with each start of the host,
/// the counter with each initiation, and a clock that is set back orders nothing wrongly.
/// </summary>
internal readonly record struct InitiationTime(ulong Epoch, ulong Counter) : IComparable<InitiationTime>
{
    /// <summary>Octets: two big-endian numbers.</summary>
    public const int Length = 16;

    public static InitiationTime Read(ReadOnlySpan<byte> octets) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(octets), BinaryPrimitives.ReadUInt64BigEndian(octets[8..]));

    public void Write(Span<byte> octets)
    {
        BinaryPrimitives.WriteUInt64BigEndian(octets, Epoch);
        BinaryPrimitives.WriteUInt64BigEndian(octets[8..], Counter);
    }

    public int CompareTo(InitiationTime other) => (Epoch, Counter).CompareTo((other.Epoch, other.Counter));

    public static bool operator <(InitiationTime left, InitiationTime right) => left.CompareTo(right) < 0;

    public static bool operator >(InitiationTime left, InitiationTime right) => left.CompareTo(right) > 0;

    public static bool operator <=(InitiationTime left, InitiationTime right) => left.CompareTo(right) <= 0;

    public static bool operator >=(InitiationTime left, InitiationTime right) => left.CompareTo(right) >= 0;
}
