namespace AkkaOverlay.Cloud.Gce;

// Resources of the Compute Engine API v1, as far as they are read or written here.

internal sealed record GceInstance(string Name, bool CanIpForward, List<GceInterface>? NetworkInterfaces);

internal sealed record GceInterface(string Network, string? NetworkIP, string? Ipv6Address);

internal sealed record GceRoute(string Name, string Network, string DestRange, long Priority, string? NextHopInstance)
{
    public string? Description { get; init; }

    public List<GceWarning>? Warnings { get; init; }
}

internal sealed record GceWarning(string? Code);

internal sealed record GceRouteList(List<GceRoute>? Items, string? NextPageToken);

internal sealed record GceOperation(string Name, string Status, GceOperationError? Error);

internal sealed record GceOperationError(List<GceError>? Errors);

internal sealed record GceError(string? Code, string? Message);
