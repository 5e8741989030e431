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
        var values = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2).ToDictionary(pair => pair[0].Trim(), pair => pair[1].Trim());
        IpPrefix? Prefix(string key) => values.TryGetValue(key, out string? value) ? IpPrefix.Parse(value) : null;
        if (!values.TryGetValue("FLANNEL_MTU", out string? mtu))
            throw new FormatException("FLANNEL_MTU is missing");
        var file = new SubnetFile(Prefix("FLANNEL_SUBNET"), Prefix("FLANNEL_IPV6_SUBNET"), int.Parse(mtu, NumberStyles.None, CultureInfo.InvariantCulture));
        return file.Gateway is null && file.Gateway6 is null ? throw new FormatException("FLANNEL_SUBNET is missing") : file;
    }
}
