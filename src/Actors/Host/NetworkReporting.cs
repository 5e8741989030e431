using System.Collections.Immutable;
using System.Net;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Actors.Host;

/// <summary>
/// How far this host is with a version of the network's configuration: whether all of it is in the kernel, and whether every path that carried packets before has
/// carried one of the full size since. What was amiss before is no fault of the new version. The pure part of <see cref="NetworkReporterActor"/>.
/// </summary>
internal sealed class NetworkReporting
{
    /// <summary>Parts of being ready that a configuration can break.</summary>
    private static readonly ImmutableHashSet<string> Parts = ["tunnels", "routes", "firewall", "forwarders", "subnet file"];

    private Before before = Before.Nothing;
    private long version;
    private long? since;

    /// <summary>How things stand before another version.</summary>
    public void Remember(HostStatus status, ProbeTable probes) => before = new Before(
        status.Network?.Version ?? 0,
        [.. Troubles(status).Select(component => component.Name)],
        [.. probes.Rows.Where(row => row.State is ProbeState.Ok or ProbeState.Loss).Select(row => row.Member)],
        [.. probes.Rows.Where(row => row.State is ProbeState.Dead or ProbeState.FullSizeLost or ProbeState.Unreachable).Select(row => (row.Member, row.Address!))]);

    /// <summary>Another version is coming, and how things stand before it is not known yet.</summary>
    public void Forget() => before = Before.Nothing;

    /// <summary>Looks whether everything of the version is in place.</summary>
    /// <param name="now">A time stamp of this process's clock.</param>
    /// <returns>Since when, on that clock; null where it is not.</returns>
    public long? InPlaceSince(long asked, HostStatus status, long now)
    {
        if (asked != version)
            (version, since) = (asked, null);
        return since = (status.Network?.Version ?? 0) >= asked && Missing(asked, status).Count == 0 ? since ?? now : null;
    }

    /// <param name="answered">Since it was in place; null where it is not.</param>
    public (NetworkProgress Progress, string Detail) Judge(long asked, HostStatus status, ProbeTable probes, ProbeProtocol.AllAnswered? answered)
    {
        if ((status.Network?.Version ?? 0) < asked)
            return (NetworkProgress.Behind, $"has version {status.Network?.Version ?? 0}");
        var missing = Missing(asked, status);
        if (missing.Count > 0 || answered is null)
            return (NetworkProgress.Applying, missing.Count == 0 ? "applied just now" : string.Join("; ", missing.Select(component => $"{component.Name}: {component.Detail}")));
        var counted = probes.Rows.Where(row => Counts(asked, row)).ToList();
        if (counted.FirstOrDefault(row => row.State is ProbeState.Dead or ProbeState.FullSizeLost) is { } failing)
            return (NetworkProgress.Failing, $"the way to {failing.Name} fails: {failing.Describe()}");
        var silent = answered.Missing.Select(row => (row.Member, row.Address)).ToHashSet();
        var open = counted.Where(row => row.State == ProbeState.NotProbed || (row.State != ProbeState.Unreachable && silent.Contains((row.Member, row.Address)))).ToList();
        return open.Count == 0
            ? (NetworkProgress.Good, $"all is in place, {counted.Count} paths carry packets")
            : (NetworkProgress.Probing, $"no full-size packet has come back yet from {string.Join(", ", open.Take(3).Select(row => row.Name))}{(open.Count > 3 ? $" and {open.Count - 3} more" : "")}");
    }

    private List<Component> Missing(long asked, HostStatus status) => [.. Troubles(status).Where(component => !(IsBefore(asked) && before.Troubles.Contains(component.Name)))];

    private static IEnumerable<Component> Troubles(HostStatus status)
    {
        var parts = status.Components.Where(component => !component.Ready && Parts.Contains(component.Name));
        return status.Changeover is { } waiting ? parts.Append(new Component("back end", false, waiting)) : parts;
    }

    /// <summary>A peer that is not probed any more was, where it carried packets before; and one that failed before may go on failing. One that nothing was known of must answer.</summary>
    private bool Counts(long asked, ProbeRow row) => row.State == ProbeState.NotProbed
        ? IsBefore(asked) && before.Fine.Contains(row.Member)
        : !IsBefore(asked) || !before.Amiss.Contains((row.Member, row.Address!));

    private bool IsBefore(long asked) => before.Version == asked - 1;

    private sealed record Before(long Version, ImmutableHashSet<string> Troubles, ImmutableHashSet<string> Fine, ImmutableHashSet<(string Member, IPAddress Address)> Amiss)
    {
        /// <summary>No version comes after it.</summary>
        public static readonly Before Nothing = new(-1, [], [], []);
    }
}
