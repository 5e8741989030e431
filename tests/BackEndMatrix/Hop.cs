using AkkaOverlay.EndToEnd.Tests;
using AkkaOverlay.Node.Lab;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.BackEndMatrix;

/// <summary>By what a host's packets to another one's container go, as the kernel says (ip-route(8), get).</summary>
internal sealed record Hop(bool IPv6, string Device, string? Gateway)
{
    private const string Underlay = "eth0";

    /// <summary>A device that the back end made, and no device of the underlay.</summary>
    public bool IsTunnel => Device != Underlay;

    public static async Task<Hop> OfAsync(LabHost from, LabHost to, bool ipv6)
    {
        var route = (await Ip(from, "route", "get", to.Container(ipv6).ToString()))[0];
        return new Hop(ipv6, route.GetProperty("dev").GetString()!, route.TryGetProperty("gateway", out var gateway) ? gateway.GetString() : null);
    }

    /// <summary>A command of iproute2 that puts a route of ours over this hop.</summary>
    public string AddRoute(string subnet) =>
        $"ip {Family} route add {subnet} {(Gateway is null ? "" : $"via {Gateway} ")}dev {Device} {(Gateway is null ? "" : "onlink ")}proto 77";

    public string DeleteRoute(string subnet) => $"ip {Family} route delete {subnet}";

    private string Family => IPv6 ? "-6" : "-4";
}
