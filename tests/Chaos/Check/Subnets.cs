using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace AkkaOverlay.Chaos.Check;

/// <summary>IPv4 networks as text, and whether two of them share an address. On purpose not the product's own arithmetic.</summary>
internal static class Subnets
{
    public static bool Overlap(string a, string b)
    {
        var (first, second) = (Parse(a), Parse(b));
        int shared = Math.Min(first.Length, second.Length);
        return shared == 0 || (first.Address ^ second.Address) >> (32 - shared) == 0;
    }

    private static (uint Address, int Length) Parse(string subnet)
    {
        string[] parts = subnet.Split('/');
        return parts.Length == 2 && IPAddress.TryParse(parts[0], out var address) && address.GetAddressBytes() is { Length: 4 } octets
            ? (BinaryPrimitives.ReadUInt32BigEndian(octets), int.Parse(parts[1], CultureInfo.InvariantCulture))
            : throw new FormatException($"'{subnet}' is no IPv4 network.");
    }
}
