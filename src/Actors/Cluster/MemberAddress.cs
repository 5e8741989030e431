using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>How people name a member: its Akka address, with or without scheme, with or without system, with or without port.</summary>
/// <param name="Port">Null where none was typed.</param>
public sealed record MemberAddress(IPAddress Host, int? Port)
{
    public const string Rule = "not the address of a member, such as 192.168.7.1:4053";

    /// <summary>Where no port was typed, the usual one.</summary>
    public Address ToAkka() => Address.Parse(OverlayAddress.Of(Host, Port ?? OverlayAddress.DefaultPort));

    /// <returns>Null for anything else: members have IP addresses, never names.</returns>
    public static MemberAddress? Parse(string text)
    {
        string rest = Without(Without(text, $"{OverlayAddress.Scheme}://"), $"{OverlayAddress.SystemName}@");
        // A colon belongs to the port, unless there are several: then it is IPv6, which has a port only behind brackets.
        if (AddressMath.TryParseStrict(rest, out var bare))
            return new MemberAddress(bare, null);
        int colon = rest.LastIndexOf(':');
        bool bracketed = rest.StartsWith('[');
        string host = bracketed ? rest[1..Math.Max(1, rest.IndexOf(']', StringComparison.Ordinal))] : colon < 0 ? rest : rest[..colon];
        string port = bracketed ? rest[Math.Min(rest.Length, host.Length + 2)..] : colon < 0 ? "" : rest[colon..];
        if (!AddressMath.TryParseStrict(host, out var address) || (address.AddressFamily == AddressFamily.InterNetworkV6) != bracketed)
            return null;
        if (port.Length == 0)
            return new MemberAddress(address, null);
        return port[0] == ':' && AddressMath.TryParseDecimal(port.AsSpan(1), out int number) && number is > 0 and <= 65535
            ? new MemberAddress(address, number)
            : null;
    }

    public bool IsOf(Address member) => member.ToString() == OverlayAddress.Of(Host, Port ?? member.Port ?? 0);

    private static string Without(string text, string prefix) => text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;
}
