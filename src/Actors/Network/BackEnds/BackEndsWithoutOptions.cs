namespace AkkaOverlay.Actors.Network;

/// <summary>Back end <c>host-gw</c>: routes by way of the other hosts, which share a link.</summary>
public sealed record HostGwConfig() : BackEndConfig(TypeName)
{
    public const string TypeName = "host-gw";
}

/// <summary>Back end <c>alloc</c>: leases subnets and leaves the traffic to others.</summary>
public sealed record AllocConfig() : BackEndConfig(TypeName)
{
    public const string TypeName = "alloc";
}

/// <summary>Back end <c>gce</c>: one route per host in the network of Google Compute Engine.</summary>
public sealed record GceConfig() : BackEndConfig(TypeName)
{
    public const string TypeName = "gce";
}

/// <summary>Back end <c>auto</c>: each host chooses for each peer what works between the two.</summary>
public sealed record AutoConfig() : BackEndConfig(TypeName)
{
    public const string TypeName = "auto";
}
