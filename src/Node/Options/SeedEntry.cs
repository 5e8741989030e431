using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Node.Options;

/// <summary>A seed as typed, not resolved yet.</summary>
/// <param name="Host">A name or an address.</param>
public sealed record SeedEntry(string Text, string Host, int Port)
{
    /// <summary>Of a name's addresses an IPv4 one where it has one, and of several the lowest, so that every host takes the same; null for none.</summary>
    public static IPAddress? Choose(IEnumerable<IPAddress> addresses) => addresses
        .OrderBy(address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)
        .ThenBy(address => address.ToString(), StringComparer.Ordinal)
        .FirstOrDefault();

    public static SeedEntry? Parse(string text, int defaultPort)
    {
        if (AddressMath.TryParseStrict(text, out var whole))
            return new SeedEntry(text, whole.ToString(), defaultPort);
        int colon = text.LastIndexOf(':');
        string host = colon < 0 ? text : text[..colon];
        int? port = colon < 0 ? defaultPort : OptionReader.ParsePort(text.AsSpan(colon + 1));
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = AddressMath.TryParseStrict(host.AsSpan(1, host.Length - 2), out var v6) && v6.BitLength() == 128 ? v6.ToString() : "";
        // What only looks like an address ("10.1", "0x7f.1", "10.01.0.1") is neither that nor a name: resolvers would make some address of it.
        else if (host.Contains(':') || (!AddressMath.TryParseStrict(host, out _) && (IPAddress.TryParse(host, out _) || Uri.CheckHostName(host) != UriHostNameType.Dns)))
            host = "";
        return host.Length > 0 && port is { } number ? new SeedEntry(text, host, number) : null;
    }
}
