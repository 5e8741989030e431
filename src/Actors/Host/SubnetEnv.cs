using System.Globalization;
using System.Text;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Host;

/// <summary>The content of <c>subnet.env</c>, flannel's format byte for byte: what Docker's options and CNI plugins are made from.</summary>
public static class SubnetEnv
{
    /// <param name="mtu">Octets, for the containers' devices.</param>
    public static string Format(NetworkConfig network, LeaseSubnets subnets, int mtu, bool ipMasq)
    {
        var text = new StringBuilder();
        if (network.IPv4 is { } pool4 && subnets.IPv4 is { } v4)
        {
            text.Append(CultureInfo.InvariantCulture, $"FLANNEL_NETWORK={pool4.Network}\n");
            text.Append(CultureInfo.InvariantCulture, $"FLANNEL_SUBNET={v4.AddressAt(1)}/{v4.Length}\n");
        }
        if (network.IPv6 is { } pool6 && subnets.IPv6 is { } v6)
        {
            text.Append(CultureInfo.InvariantCulture, $"FLANNEL_IPV6_NETWORK={pool6.Network}\n");
            text.Append(CultureInfo.InvariantCulture, $"FLANNEL_IPV6_SUBNET={v6.AddressAt(1)}/{v6.Length}\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"FLANNEL_MTU={mtu}\n");
        text.Append(CultureInfo.InvariantCulture, $"FLANNEL_IPMASQ={(ipMasq ? "true" : "false")}\n");
        return text.ToString();
    }
}
