using System.Security.Cryptography;
using System.Text;
using AkkaOverlay.Actors.CloudRoutes;
using AkkaOverlay.Kernel.Net;
using Google.Apis.Auth.OAuth2;

namespace AkkaOverlay.Cloud.Gce;

/// <summary>
/// Routes of a network of Compute Engine. They have names, so ours are known by theirs: <c>akka-overlay-1a2b3c4d-10-244-1-0-24</c>, with a part for the network,
/// because the names are the whole project's. A route cannot be changed: it is replaced by deleting and making it.
/// </summary>
internal sealed class GceRoutes(HttpClient http, Uri metadata, ComputeApi api) : ICloudRoutes
{
    private const string NameStart = "akka-overlay-";

    /// <summary>As gcloud makes them.</summary>
    private const long Priority = 1000;

    /// <summary>What the API warns of where a route's machine is gone, or stopped.</summary>
    private static readonly string[] GoneCodes =
        ["NEXT_HOP_INSTANCE_NOT_FOUND", "NEXT_HOP_NOT_RUNNING", "NEXT_HOP_INSTANCE_NOT_ON_NETWORK", "NEXT_HOP_ADDRESS_NOT_ASSIGNED"];

    private GceIdentity? identity;
    private string network = "";

    public static GceRoutes Open()
    {
        var http = new HttpClient { Timeout = CloudProviders.RequestTime };
        return new GceRoutes(http, GceMetadata.Endpoint, new ComputeApi(http, ComputeApi.Root, TokenAsync));
    }

    public async Task<CloudView> ReadAsync(CloudGoal goal, CancellationToken cancel)
    {
        identity ??= await new GceMetadata(http, metadata).ReadAsync(cancel);
        var instance = await api.InstanceAsync(identity, cancel);
        network = InterfaceOf(instance, goal).Network;
        string table = LastPart(network);
        var routes = await api.RoutesAsync(identity.Project, cancel);
        return new CloudView(
            identity.Name,
            [table],
            [.. routes.Where(route => IsPath(route.Network, PathOf(network))).Select(route => RouteOf(route, table)).OfType<CloudRoute>().Where(route => goal.IsSubnet(route.Destination))],
            instance.CanIpForward);
    }

    public async Task ApplyAsync(CloudCall call, CancellationToken cancel)
    {
        switch (call)
        {
            case CloudCall.AllowForwarding:
                throw new CloudException(CloudTrouble.Refused, $"gce: canIpForward is off on {identity!.Name}, so no packet of a container gets through: make the instance with it, or set it by 'gcloud compute instances update-from-file' and a restart");
            case CloudCall.Create(_, var destination):
                await CreateAsync(destination, cancel);
                break;
            case CloudCall.Replace(var old):
                await api.DeleteAsync(identity!.Project, old.Id!, cancel);
                await CreateAsync(old.Destination, cancel);
                break;
            case CloudCall.Delete(var old):
                await api.DeleteAsync(identity!.Project, old.Id!, cancel);
                break;
            default:
                throw new ArgumentException($"{call} is not known here.", nameof(call));
        }
    }

    public void Dispose()
    {
        api.Dispose();
        http.Dispose();
    }

    /// <summary>RFC 1035: letters, digits and hyphens, 63 at most.</summary>
    internal static string NameOf(string networkPath, IpPrefix destination)
    {
        string mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(networkPath)))[..8];
        string address = destination.IsIPv4 ? destination.Address.ToString().Replace('.', '-') : Convert.ToHexStringLower(destination.Address.GetAddressBytes());
        return $"{NameStart}{mark}-{address}-{destination.Length}";
    }

    private Task CreateAsync(IpPrefix destination, CancellationToken cancel) => api.InsertAsync(
        identity!.Project,
        new GceRoute(NameOf(PathOf(network), destination), network, destination.ToString(), Priority, identity.Path) { Description = $"akka-overlay: containers of {identity.Name}" },
        cancel);

    private static GceInterface InterfaceOf(GceInstance instance, CloudGoal goal)
    {
        var all = instance.NetworkInterfaces ?? [];
        return all.Find(one => goal.Local.IPv4 is { } v4 && one.NetworkIP == v4.ToString())
            ?? all.Find(one => goal.Local.IPv6 is { } v6 && System.Net.IPAddress.TryParse(one.Ipv6Address, out var known) && known.Equals(v6))
            ?? throw new CloudException(CloudTrouble.Refused, $"gce: no network interface of {instance.Name} has the underlay's address {goal.Local.IPv4 ?? goal.Local.IPv6}: choose its device with --iface");
    }

    private CloudRoute? RouteOf(GceRoute route, string table)
    {
        if (!IpPrefix.TryParse(route.DestRange, null, out var destination))
            return null;
        var target = route.NextHopInstance is not { } machine ? CloudTarget.Other : IsPath(machine, identity!.Path) ? CloudTarget.Here : CloudTarget.Machine;
        bool gone = (route.Warnings ?? []).Exists(warning => GoneCodes.Contains(warning.Code));
        return new CloudRoute(table, destination, target, route.NextHopInstance is null ? route.Name : $"{LastPart(route.NextHopInstance)} ({route.Name})", !gone)
        {
            Id = route.Name,
            MayBeOurs = route.Name.StartsWith(NameStart, StringComparison.Ordinal),
        };
    }

    /// <summary>The credentials that Google's libraries find: a file that the environment names, gcloud's, or the machine's own service account.</summary>
    private static async Task<string> TokenAsync(CancellationToken cancel)
    {
        var credential = await GoogleCredential.GetApplicationDefaultAsync(cancel);
        var scoped = credential.CreateScoped("https://www.googleapis.com/auth/compute");
        return await ((ITokenAccess)scoped).GetAccessTokenForRequestAsync(null, cancel);
    }

    /// <summary>A resource is named by its URL, whose beginning depends on who asks, or by the path at its end.</summary>
    private static bool IsPath(string url, string path) => PathOf(url) == path;

    private static string PathOf(string url)
    {
        int at = url.IndexOf("projects/", StringComparison.Ordinal);
        return at < 0 ? url : url[at..];
    }

    private static string LastPart(string url) => url[(url.LastIndexOf('/') + 1)..];
}
