using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Kernel.Firewall;

/// <summary>The packets that a rule is for, in the words of nft(8) and of iptables-extensions(8).</summary>
/// <param name="Source">Null for any.</param>
/// <param name="Destination">Null for any.</param>
/// <param name="Protocol">"udp" or "tcp"; null for any.</param>
/// <param name="Port">Destination port; only with a protocol. Null for any.</param>
public sealed record FlowMatch(IpPrefix? Source = null, IpPrefix? Destination = null, string? Protocol = null, int? Port = null)
{
    public string Nft => Words(Address("saddr", Source), Address("daddr", Destination), Port is { } port ? $"{Protocol} dport {port}" : null);

    public string Iptables => Words(
        Source is { } source ? $"-s {source}" : null, Destination is { } destination ? $"-d {destination}" : null, Protocol is { } protocol ? $"-p {protocol}" : null, Port is { } port ? $"--dport {port}" : null);

    private static string? Address(string field, IpPrefix? prefix) => prefix is { } one ? $"ip{(one.IsIPv4 ? "" : "6")} {field} {one}" : null;

    private static string Words(params string?[] words) => string.Join(' ', words.OfType<string>());
}
