using System.Globalization;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Docker;

/// <summary>What Docker needs of subnet.env.</summary>
/// <param name="Networks">FLANNEL_NETWORK and FLANNEL_IPV6_NETWORK: the whole overlay.</param>
/// <param name="Bridge">FLANNEL_SUBNET: the bridge's address with its length; null in a network without IPv4.</param>
/// <param name="Bridge6">FLANNEL_IPV6_SUBNET.</param>
/// <param name="Mtu">FLANNEL_MTU in octets.</param>
/// <param name="IpMasq">FLANNEL_IPMASQ as it stands there: "true", "false", or null where there is none.</param>
public sealed record SubnetEnvFile(IReadOnlyList<IpPrefix> Networks, IpPrefix? Bridge, IpPrefix? Bridge6, int Mtu, string? IpMasq)
{
    /// <exception cref="StartException">It is not there, or is not whole.</exception>
    public static SubnetEnvFile Read(string file)
    {
        try
        {
            return Parse(File.ReadAllText(file));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StartException($"{file}: not found; the node writes it when it holds its subnet", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new StartException($"{file}: {e.Message}", e);
        }
    }

    /// <exception cref="FormatException">A value is missing or wrong, or the text stops in the middle of a line.</exception>
    public static SubnetEnvFile Parse(string text)
    {
        // "FLANNEL_MTU=14" may be the beginning of another number.
        if (!text.EndsWith('\n'))
            throw new FormatException(text.Length == 0 ? "it is empty" : "its last line has no end: half written?");
        var values = new Dictionary<string, string>();
        // As a shell reads it: of a name given twice the last counts.
        foreach (string line in text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new FormatException($"'{line}' is not NAME=VALUE");
            values[line[..equals]] = Unquoted(line[(equals + 1)..]);
        }
        return Of(values);
    }

    private static SubnetEnvFile Of(Dictionary<string, string> values)
    {
        var (bridge, bridge6) = (Prefix(values, "FLANNEL_SUBNET", ipv4: true), Prefix(values, "FLANNEL_IPV6_SUBNET", ipv4: false));
        var networks = new[] { Prefix(values, "FLANNEL_NETWORK", ipv4: true), Prefix(values, "FLANNEL_IPV6_NETWORK", ipv4: false) };
        if (bridge is null && bridge6 is null)
            throw new FormatException("FLANNEL_SUBNET is missing");
        if (!values.TryGetValue("FLANNEL_MTU", out string? mtu))
            throw new FormatException("FLANNEL_MTU is missing");
        // RFC 791's smallest, and the largest that an IPv4 packet has.
        if (!int.TryParse(mtu, NumberStyles.None, CultureInfo.InvariantCulture, out int octets) || octets is < 68 or > 65535)
            throw new FormatException($"FLANNEL_MTU '{mtu}' is not a number of octets from 68 to 65535");
        return new SubnetEnvFile([.. networks.OfType<IpPrefix>().Select(network => network.Network)], bridge, bridge6, octets, values.GetValueOrDefault("FLANNEL_IPMASQ"));
    }

    private static IpPrefix? Prefix(Dictionary<string, string> values, string name, bool ipv4) => !values.TryGetValue(name, out string? value) ? null
        : !IpPrefix.TryParse(value, null, out var prefix) ? throw new FormatException($"{name} '{value}' is not ADDRESS/LENGTH")
        : prefix.IsIPv4 != ipv4 ? throw new FormatException($"{name} '{value}' is of the other family")
        : prefix;

    private static string Unquoted(string value) =>
        value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0] ? value[1..^1] : value;
}
