using System.Globalization;
using System.Net;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Node.Lab;

/// <summary>What a container's wiring needs of subnet.env.</summary>
/// <param name="Gateway">FLANNEL_SUBNET: the bridge's address, the first of the subnet.</param>
/// <param name="Gateway6">FLANNEL_IPV6_SUBNET.</param>
/// <param name="Mtu">FLANNEL_MTU in octets.</param>
internal sealed record SubnetFile(IpPrefix? Gateway, IpPrefix? Gateway6, int Mtu)
{
    public IPAddress? Container => Gateway?.AddressAt(2);

    public IPAddress? Container6 => Gateway6?.AddressAt(2);

    /// <exception cref="LabException">It is not there, or is not to be understood.</exception>
    public static SubnetFile Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            throw new LabException($"{path}: {e.Message}", inner: e);
        }
    }

    /// <exception cref="FormatException">A value is missing or wrong.</exception>
    public static SubnetFile Parse(string text)
    {
        // As a shell reads it: of a name given twice the last counts.
        var values = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2).GroupBy(pair => pair[0].Trim()).ToDictionary(pairs => pairs.Key, pairs => pairs.Last()[1].Trim());
        IpPrefix? Prefix(string key, bool ipv4) => !values.TryGetValue(key, out string? value) ? null
            : IpPrefix.Parse(value) is var prefix && prefix.IsIPv4 == ipv4 ? prefix
            : throw new FormatException($"{key} '{value}' is of the other family");
        if (!values.TryGetValue("FLANNEL_MTU", out string? mtu))
            throw new FormatException("FLANNEL_MTU is missing");
        if (!int.TryParse(mtu, NumberStyles.None, CultureInfo.InvariantCulture, out int octets))
            throw new FormatException($"FLANNEL_MTU '{mtu}' is not a number of octets");
        var file = new SubnetFile(Prefix("FLANNEL_SUBNET", ipv4: true), Prefix("FLANNEL_IPV6_SUBNET", ipv4: false), octets);
        return file.Gateway is null && file.Gateway6 is null ? throw new FormatException("FLANNEL_SUBNET is missing") : file;
    }
}
