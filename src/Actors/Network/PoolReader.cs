using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Network;

/// <summary>
/// Reads the pool of one address family. Both families obey the same rules with other numbers: flannel's, plus that the first subnet must
/// not come after the last and that the network must be one whose addresses a container can have.
/// </summary>
internal sealed record PoolReader(
    bool IsIPv4,
    string FieldPrefix,
    int UsualLength,
    int LongestLength,
    string Example,
    ImmutableArray<(IpPrefix Range, string Use)> Unusable)
{
    public static readonly PoolReader IPv4 = new(true, "", 24, 30, "10.244.0.0/16",
    [
        (IpPrefix.Parse("0.0.0.0/8"), "this host on this network (RFC 1122)"),
        (IpPrefix.Parse("127.0.0.0/8"), "loopback (RFC 1122)"),
        (IpPrefix.Parse("169.254.0.0/16"), "link-local (RFC 3927)"),
        (IpPrefix.Parse("224.0.0.0/4"), "multicast (RFC 5771)"),
        (IpPrefix.Parse("255.255.255.255/32"), "limited broadcast (RFC 919)"),
    ]);

    public static readonly PoolReader IPv6 = new(false, "IPv6", 64, 126, "fd00:10:244::/48",
    [
        (IpPrefix.Parse("::/127"), "unspecified and loopback (RFC 4291)"),
        (IpPrefix.Parse("::ffff:0:0/96"), "IPv4-mapped (RFC 4291)"),
        (IpPrefix.Parse("fe80::/10"), "link-local (RFC 4291)"),
        (IpPrefix.Parse("ff00::/8"), "multicast (RFC 4291)"),
    ]);

    private string NetworkField => FieldPrefix + "Network";

    private string LengthField => FieldPrefix + "SubnetLen";

    private string MinField => FieldPrefix + "SubnetMin";

    private string MaxField => FieldPrefix + "SubnetMax";

    private string EnableField => IsIPv4 ? "EnableIPv4" : "EnableIPv6";

    /// <summary>
    /// The fields of a family that is switched off are checked for their form only, and warned about: most often a switch was forgotten.
    /// </summary>
    /// <returns>Null when the family is off.</returns>
    public SubnetPool? Read(JsonFields fields, bool enabled, List<string> warnings)
    {
        var network = ReadNetwork(fields);
        int length = fields.Number(LengthField, 0, 0, LongestLength);
        var min = Given(fields.Address(MinField, IsIPv4));
        var max = Given(fields.Address(MaxField, IsIPv4));
        if (!enabled)
        {
            if (network is not null)
                warnings.Add($"{NetworkField} {network}: has no effect because {EnableField} is false.");
            return null;
        }
        if (network is null)
            throw fields.Refuse(NetworkField, "absent", $"must be given when {EnableField} is true, for example {Example}");

        CheckUsable(fields, network.Value);
        return Build(fields, network.Value, SubnetLength(fields, network.Value, length), min, max);
    }

    private IpPrefix? ReadNetwork(JsonFields fields)
    {
        if (!fields.Find(NetworkField, out var value))
            return null;
        string rule = $"must be an {(IsIPv4 ? "IPv4" : "IPv6")} network such as {Example}";
        if (!IpPrefix.TryParse(fields.Text(NetworkField, value, rule), null, out var network) || network.IsIPv4 != IsIPv4)
            throw fields.Refuse(NetworkField, value, rule);
        return network.Network;
    }

    private void CheckUsable(JsonFields fields, IpPrefix network)
    {
        if (network.Length == 0)
            throw fields.Refuse(NetworkField, network.ToString(), $"must not be the whole address space; give a part such as {Example}");
        foreach (var (range, use) in Unusable)
        {
            if (range.Overlaps(network))
                throw fields.Refuse(NetworkField, network.ToString(), $"must not overlap {range}, which is {use}");
        }
    }

    private int SubnetLength(JsonFields fields, IpPrefix network, int given)
    {
        if (given != 0)
        {
            int least = network.Length + 2;
            return given >= least
                ? given
                : throw fields.Refuse(LengthField, $"{given}", $"must be {least} or more: {NetworkField} {network} must hold four subnets");
        }
        if (network.Length > LongestLength - 2)
            throw fields.Refuse(NetworkField, network.ToString(), $"is too small; the prefix must be /{LongestLength - 2} or shorter");
        return Math.Max(UsualLength, network.Length + 2);
    }

    private SubnetPool Build(JsonFields fields, IpPrefix network, int length, IPAddress? min, IPAddress? max)
    {
        CheckInside(fields, MinField, min, network);
        CheckInside(fields, MaxField, max, network);
        CheckAligned(fields, MinField, min, length);
        CheckAligned(fields, MaxField, max, length);

        // The lowest subnet is skipped unless asked for: its first address is the network's own.
        var first = min ?? new IpPrefix(network.Address, length).Next(1).Address;
        var last = max ?? new IpPrefix(network.Last, length).Network.Address;
        if (first.ToBits() > last.ToBits())
            throw fields.Refuse(MinField, $"{first}{(min is null ? " (default)" : "")}", $"must not be greater than {MaxField} {last}");
        return new SubnetPool(network, length, first, last);
    }

    private void CheckInside(JsonFields fields, string name, IPAddress? address, IpPrefix network)
    {
        if (address is not null && !network.Contains(address))
            throw fields.Refuse(name, address.ToString(), $"must be in the range of {NetworkField} {network}");
    }

    private void CheckAligned(JsonFields fields, string name, IPAddress? address, int length)
    {
        if (address is null || new IpPrefix(address, length) is not { IsNetwork: false } subnet)
            return;
        string rule = $"must be the first address of a subnet ({LengthField} {length}), for example {subnet.Network.Address}";
        throw fields.Refuse(name, address.ToString(), rule);
    }

    /// <summary>The unspecified address stands for a field that is not given.</summary>
    private static IPAddress? Given(IPAddress? address) => address is null || address.ToBits() == 0 ? null : address;
}
