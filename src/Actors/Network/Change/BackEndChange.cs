using System.Collections.Immutable;
using AkkaOverlay.Actors.BackEnds;

namespace AkkaOverlay.Actors.Network;

/// <summary>Other options of a back end: which of them a running host can take, and what each costs. The table is in docs/network-set.md.</summary>
internal sealed record BackEndChange(ImmutableArray<FieldChange> Changes, string? Refusal)
{
    private const string BothStand = "both back ends stand on every host until all have the new one, and for a minute at least; containers that run keep their MTU until they are started again";

    private const string Lost = "packets are lost until both ends of a pair have it, for some tenths of a second";

    private static readonly ImmutableArray<Option<VxlanConfig>> Vxlan =
    [
        new("VNI", config => $"{config.Vni}", ChangeEffect.Anew, $"another device; {Lost}"),
        new("Port", config => $"{config.Port}", ChangeEffect.Anew, $"the device is made anew; {Lost}"),
        new("MTU", config => config.Mtu == 0 ? "the interface's" : $"{config.Mtu}", ChangeEffect.InPlace, "containers that run keep their MTU until they are started again"),
        new("GBP", config => NetworkComparison.Text(config.Gbp), ChangeEffect.Anew, $"the device is made anew; {Lost}"),
        new("Learning", config => NetworkComparison.Text(config.Learning), ChangeEffect.InPlace, "on a host with --vxlan-layout compact the device is made anew"),
        new("DirectRouting", config => NetworkComparison.Text(config.DirectRouting), ChangeEffect.Anew, $"packets take another way, which a host's guard lets in when it has heard of it; {Lost}"),
    ];

    private static readonly ImmutableArray<Option<UdpConfig>> Udp =
    [
        new("Port", config => $"{config.Port}", ChangeEffect.Anew, $"the sockets are made anew; {Lost}"),
        new("Encryption", config => config.Encryption ?? "none", ChangeEffect.Anew, $"{Lost}"),
    ];

    public static BackEndChange Of(BackEndConfig now, BackEndConfig next) => (now, next) switch
    {
        _ when now.Type != next.Type => new BackEndChange(
            [new FieldChange("Backend.Type", now.Type, next.Type, ChangeEffect.InPlace, BothStand)],
            BackEndRegistry.CanChange(now, next) ? null : $"Backend.Type {now.Type} -> {next.Type}: this release cannot change between these two while hosts run"),
        (VxlanConfig a, VxlanConfig b) => new BackEndChange(Changed(Vxlan, a, b), null),
        (UdpConfig a, UdpConfig b) => new BackEndChange(Changed(Udp, a, b), null),
        _ => new BackEndChange([], now == next ? null : $"Backend: this release cannot change the options of {now.Type} while hosts run"),
    };

    private static ImmutableArray<FieldChange> Changed<T>(ImmutableArray<Option<T>> options, T now, T next) =>
    [
        .. options.Where(option => option.Value(now) != option.Value(next))
            .Select(option => new FieldChange($"Backend.{option.Name}", option.Value(now), option.Value(next), option.Effect, option.Note)),
    ];

    private sealed record Option<T>(string Name, Func<T, string> Value, ChangeEffect Effect, string Note = "");
}
