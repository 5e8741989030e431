using System.Globalization;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Cni;

/// <summary>What the node wrote into subnet.env for whoever attaches containers.</summary>
/// <param name="Networks">FLANNEL_NETWORK and FLANNEL_IPV6_NETWORK, each perhaps a list with commas: where a container's route into the overlay leads.</param>
/// <param name="Subnets">FLANNEL_SUBNET and FLANNEL_IPV6_SUBNET without host bits: this host's, IPv4 first. At least one.</param>
/// <param name="Mtu">Octets, for the containers' devices.</param>
/// <param name="IpMasq">The overlay masquerades, so that the delegate need not.</param>
internal sealed record SubnetEnv(IReadOnlyList<IpPrefix> Networks, IReadOnlyList<IpPrefix> Subnets, int Mtu, bool IpMasq)
{
    private const int Largest = 64 << 10;

    /// <summary>RFC 791: what every link must take.</summary>
    private const int LeastMtu = 68;

    private const int MostMtu = 65535;

    /// <exception cref="FormatException">It is not there, cannot be read, or a value is missing or wrong; the message names the file.</exception>
    public static SubnetEnv Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
            byte[] content = new byte[Largest + 1];
            int length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            return length > Largest ? throw new FormatException("it is no subnet.env: too large") : Parse(System.Text.Encoding.UTF8.GetString(content, 0, length));
        }
        catch (FileNotFoundException e)
        {
            throw new FormatException($"{path} is not there: the host has no subnet yet", e);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new FormatException($"{path} is not there: the host has no subnet yet", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{path} cannot be read: {e.Message}", e);
        }
        catch (FormatException e)
        {
            throw new FormatException($"{path}: {e.Message}", e);
        }
    }

    /// <exception cref="FormatException">A value is missing or wrong.</exception>
    public static SubnetEnv Parse(string text)
    {
        // As a shell reads it: of a name given twice the last counts, what it does not know it passes over.
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in text.Split('\n'))
        {
            if (line.Split('=', 2) is [var name, var value])
                values[name.Trim()] = value.Trim();
        }
        var (networks4, subnet4) = Family(values, "FLANNEL_NETWORK", "FLANNEL_SUBNET", ipv4: true);
        var (networks6, subnet6) = Family(values, "FLANNEL_IPV6_NETWORK", "FLANNEL_IPV6_SUBNET", ipv4: false);
        IpPrefix[] subnets = [.. new[] { subnet4, subnet6 }.OfType<IpPrefix>()];
        string[] missing = [.. new[] { subnets.Length == 0 ? "FLANNEL_SUBNET" : "", "FLANNEL_MTU", "FLANNEL_IPMASQ" }.Where(name => name.Length > 0 && !values.ContainsKey(name))];
        if (missing.Length > 0)
            throw new FormatException($"{string.Join(", ", missing)} {(missing.Length == 1 ? "is" : "are")} missing");
        return new SubnetEnv([.. networks4, .. networks6], subnets, MtuOf(values["FLANNEL_MTU"]), MasqueradeOf(values["FLANNEL_IPMASQ"]));
    }

    private static (IReadOnlyList<IpPrefix> Networks, IpPrefix? Subnet) Family(Dictionary<string, string> values, string network, string subnet, bool ipv4)
    {
        bool hasNetwork = values.TryGetValue(network, out string? networks), hasSubnet = values.TryGetValue(subnet, out string? own);
        if (!hasNetwork && !hasSubnet)
            return ([], null);
        if (!hasNetwork || !hasSubnet)
            throw new FormatException($"{(hasNetwork ? subnet : network)} is missing");
        var subnetOfHost = Prefix(subnet, own!, ipv4);
        if (subnetOfHost.Length > (ipv4 ? 30 : 126))
            throw new FormatException($"{subnet} '{Printable.Of(own!)}' has no room for a bridge and a container");
        return ([.. networks!.Split(',').Select(text => Prefix(network, text.Trim(), ipv4)).Distinct()], subnetOfHost);
    }

    private static IpPrefix Prefix(string name, string value, bool ipv4) =>
        IpPrefix.TryParse(value, null, out var prefix) && prefix.IsIPv4 == ipv4
            ? prefix.Network
            : throw new FormatException($"{name} '{Printable.Of(value)}' is no {(ipv4 ? "IPv4" : "IPv6")} prefix");

    private static int MtuOf(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int octets) && octets is >= LeastMtu and <= MostMtu
            ? octets
            : throw new FormatException($"FLANNEL_MTU '{Printable.Of(value)}' is no number of octets from {LeastMtu} to {MostMtu}");

    private static bool MasqueradeOf(string value) => value switch
    {
        "true" => true,
        "false" => false,
        _ => throw new FormatException($"FLANNEL_IPMASQ '{Printable.Of(value)}' is neither true nor false"),
    };
}
