using AkkaOverlay.Actors.CloudRoutes;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Cloud.Aws;
using AkkaOverlay.Cloud.Gce;

namespace AkkaOverlay.Cloud;

/// <summary>The clouds that there are. Nothing of a provider's library is loaded before one of them is asked for.</summary>
public static class CloudProviders
{
    /// <summary>How long one request may take.</summary>
    internal static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(10);

    /// <exception cref="ArgumentException">The back end is no cloud's.</exception>
    public static ICloudRoutes Open(BackEndConfig backEnd) => backEnd switch
    {
        AwsVpcConfig aws => AwsVpcRoutes.Open(aws),
        GceConfig => GceRoutes.Open(),
        _ => throw new ArgumentException($"{backEnd} is no cloud's.", nameof(backEnd)),
    };
}
