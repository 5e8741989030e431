namespace AkkaOverlay.Actors.Network;

/// <summary>The <c>Backend</c> object of a net-conf file: a type and the options that the type has.</summary>
/// <param name="Type">The type's name in lower case, as a lease publishes it.</param>
public abstract record BackEndConfig(string Type)
{
    /// <summary>Highest UDP port, and the largest MTU that Linux takes for an IP device (<c>IP_MAX_MTU</c>).</summary>
    private protected const int MaxUInt16 = 65535;

    /// <summary>Every IPv4 host must be able to take 576 octets (RFC 791).</summary>
    internal const int MinMtu = 576;

    /// <summary>Below 1280 Linux takes IPv6 off a device (RFC 8200, section 5).</summary>
    internal const int MinMtuForIPv6 = 1280;

    /// <summary>Octets of an outer packet at most, where the configuration says so; null where the hosts' underlays decide.</summary>
    public virtual int? OuterMtu => null;

    /// <summary>Writes every option, in the order of the documentation.</summary>
    internal virtual void Write(OptionWriter options)
    {
    }

    /// <summary>Checks options that depend on the rest of the configuration.</summary>
    /// <exception cref="NetConfException">They do not go together.</exception>
    internal virtual void CheckWith(NetworkConfig network)
    {
    }

    private protected static void CheckMtuForIPv6(NetworkConfig network, int mtu, int headers)
    {
        int least = MinMtuForIPv6 + headers;
        if (!network.EnableIPv6 || mtu == 0 || mtu >= least)
            return;
        string rule = $"must be 0 or at least {least} when EnableIPv6 is true: {headers} octets of headers and {MinMtuForIPv6} for IPv6";
        throw new NetConfException("Backend.MTU", $"{mtu}", rule);
    }
}
