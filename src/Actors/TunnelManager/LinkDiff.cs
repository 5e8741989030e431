using System.Collections.Immutable;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.TunnelManager;

/// <summary>What it takes to turn the device that is there into the one that is wanted.</summary>
internal sealed record LinkDiff(ImmutableArray<RtnetlinkChange> Changes, NetlinkError? Error = null)
{
    private static readonly LinkDiff None = new([]);

    // asm-generic/errno-base.h
    private const int ENODEV = 19;
    private const int EEXIST = 17;

    public static LinkDiff Of(WantedLink wanted, Devices devices, bool mayRecreate, Func<Link, bool> isOurs) => wanted switch
    {
        WantedVxlan vxlan => OfVxlan(vxlan, devices, mayRecreate, isOurs),
        WantedTun tun => OfTun(tun, devices, mayRecreate, isOurs),
        WantedIpip ipip => OfIpip(ipip, devices, mayRecreate, isOurs),
        WantedWireGuard wireGuard => OfWireGuard(wireGuard, devices, isOurs),
        _ => throw new ArgumentException($"Nobody knows how to make a {wanted.GetType().Name}.", nameof(wanted)),
    };

    /// <summary>The name of the device that a change makes; null for any other change.</summary>
    public static string? NameOfNew(RtnetlinkChange change) => change switch
    {
        RtnetlinkChange.CreateVxlan create => create.Name,
        RtnetlinkChange.CreateTun create => create.Name,
        RtnetlinkChange.CreateIpip create => create.Name,
        RtnetlinkChange.CreateWireGuard create => create.Name,
        _ => null,
    };

    /// <summary>The device is there, of the right kind, and up.</summary>
    public static bool IsUsable(WantedLink wanted, Link? actual) => wanted switch
    {
        WantedVxlan vxlan => actual is { Up: true, Kind: "vxlan" } && HasLayout(vxlan, actual) && actual.Address == vxlan.Mac,
        WantedTun => actual is { Up: true, Kind: "tun" },
        WantedWireGuard => actual is { Up: true, Kind: "wireguard" },
        WantedIpip ipip => actual is { Up: true, Kind: "ipip" } && actual.Ipip == SettingsOf(ipip),
        _ => actual is { Up: true },
    };

    /// <summary>False for a device of the other layout: its peers' entries mean nothing there.</summary>
    public static bool HasLayout(WantedVxlan wanted, Link actual) =>
        actual.Vxlan is { } vxlan && vxlan.CollectMetadata == wanted.External && (wanted.External || vxlan.Vni == wanted.Vni);

    private static LinkDiff OfVxlan(WantedVxlan wanted, Devices devices, bool mayRecreate, Func<Link, bool> isOurs)
    {
        if (devices.Find(wanted.Lower) is not { } lower)
            return new LinkDiff([], new NetlinkError(ENODEV, $"{wanted.Name}: the underlay device {wanted.Lower} is not there (ENODEV)"));
        var settings = wanted.External ? new VxlanSettings(0, wanted.Port) { CollectMetadata = true } : new VxlanSettings(wanted.Vni, wanted.Port)
        {
            Local = wanted.Local,
            Lower = lower.Index,
            Learning = wanted.Learning,
            Gbp = wanted.Gbp,
        };
        var create = new RtnetlinkChange.CreateVxlan(wanted.Name, settings, wanted.Mtu, wanted.Mac);
        if (devices.Find(wanted.Name) is not { } actual)
            return new LinkDiff([create]);
        if (actual.Kind != "vxlan" || actual.Vxlan is null)
            return new LinkDiff([], new NetlinkError(EEXIST, $"{wanted.Name}: a {actual.Kind ?? "device"} of somebody else has this name (EEXIST)"));
        // Flannel's own device has the same name and the same settings: only the proof counts.
        if (!isOurs(actual))
            return new LinkDiff([], new NetlinkError(EEXIST, $"{wanted.Name}: a vxlan device of somebody else has this name (EEXIST)"));
        var learning = actual.Vxlan with { Learning = settings.Learning };
        if (learning != settings)
            return mayRecreate ? new LinkDiff([new RtnetlinkChange.DeleteLink(actual.Index), create]) : None;

        var set = new RtnetlinkChange.SetLink(actual.Index)
        {
            Up = actual.Up ? null : true,
            Mtu = actual.Mtu == wanted.Mtu ? null : wanted.Mtu,
            Address = actual.Address == wanted.Mac ? null : wanted.Mac,
        };
        var changes = ImmutableArray.CreateBuilder<RtnetlinkChange>();
        if (actual.Vxlan != settings)
            changes.Add(new RtnetlinkChange.SetVxlanLearning(actual.Index, settings.Learning));
        if (set != new RtnetlinkChange.SetLink(actual.Index))
            changes.Add(set);
        return new LinkDiff(changes.ToImmutable());
    }

    private static LinkDiff OfTun(WantedTun wanted, Devices devices, bool mayRecreate, Func<Link, bool> isOurs)
    {
        var create = new RtnetlinkChange.CreateTun(wanted.Name, wanted.Alias);
        if (devices.Find(wanted.Name) is not { } actual)
            return new LinkDiff([create]);
        // Flannel's own device has this name too.
        if (actual.Tun is null || !isOurs(actual))
            return new LinkDiff([], new NetlinkError(EEXIST, $"{wanted.Name}: a {actual.Kind ?? "device"} of somebody else has this name (EEXIST)"));
        if (actual.Tun is not { Tap: false, Persistent: true, MultiQueue: true })
            return mayRecreate ? new LinkDiff([new RtnetlinkChange.DeleteLink(actual.Index), create]) : None;
        var set = new RtnetlinkChange.SetLink(actual.Index)
        {
            Up = actual.Up ? null : true,
            Mtu = actual.Mtu == wanted.Mtu ? null : wanted.Mtu,
            TxQueueLength = actual.TxQueueLength == wanted.TxQueueLength ? null : wanted.TxQueueLength,
        };
        return set == new RtnetlinkChange.SetLink(actual.Index) ? None : new LinkDiff([set]);
    }

    private static LinkDiff OfIpip(WantedIpip wanted, Devices devices, bool mayRecreate, Func<Link, bool> isOurs)
    {
        var create = new RtnetlinkChange.CreateIpip(wanted.Name, SettingsOf(wanted), wanted.Mtu);
        if (devices.Find(wanted.Name) is not { } actual)
            return new LinkDiff([create]);
        if (actual.Kind != "ipip" || !IsOursOrNew(actual, isOurs))
            return Foreign(wanted, actual);
        if (actual.Ipip != create.Ipip)
            return mayRecreate ? new LinkDiff([new RtnetlinkChange.DeleteLink(actual.Index), create]) : None;
        return Aliased(actual, wanted, wanted.Alias);
    }

    /// <summary>Never made anew: that would end every session. Key, port and peers are changed in place.</summary>
    private static LinkDiff OfWireGuard(WantedWireGuard wanted, Devices devices, Func<Link, bool> isOurs)
    {
        if (devices.Find(wanted.Name) is not { } actual)
            return new LinkDiff([new RtnetlinkChange.CreateWireGuard(wanted.Name, wanted.Mtu)]);
        return actual.Kind == "wireguard" && IsOursOrNew(actual, isOurs) ? Aliased(actual, wanted, wanted.Alias) : Foreign(wanted, actual);
    }

    private static IpipSettings SettingsOf(WantedIpip wanted) => new(wanted.Local);

    private static bool IsOursOrNew(Link actual, Func<Link, bool> isOurs) => isOurs(actual) || BackEndRegistry.IsUnmarked(actual);

    private static LinkDiff Foreign(WantedLink wanted, Link actual) =>
        new([], new NetlinkError(EEXIST, $"{wanted.Name}: a {actual.Kind ?? "device"} of somebody else has this name (EEXIST)"));

    private static LinkDiff Aliased(Link actual, WantedLink wanted, string alias)
    {
        var set = new RtnetlinkChange.SetLink(actual.Index)
        {
            Up = actual.Up ? null : true,
            Mtu = actual.Mtu == wanted.Mtu ? null : wanted.Mtu,
            Alias = actual.Alias == alias ? null : alias,
        };
        return set == new RtnetlinkChange.SetLink(actual.Index) ? None : new LinkDiff([set]);
    }
}
