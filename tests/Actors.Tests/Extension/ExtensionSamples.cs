using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Extension;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Tests.Extension;

/// <summary>Node 1 with the other nodes as its peers.</summary>
internal static class ExtensionSamples
{
    public const string Commands = """
        "PreStartupCommand":["pre","$NETWORK"],"PostStartupCommand":["post","$SUBNET"],"SubnetAddCommand":["add","$SUBNET","${PUBLIC_IP}"],"SubnetRemoveCommand":["remove","$SUBNET"],"ShutdownCommand":["down"]
        """;

    public static NetworkConfig Configured(string commands = Commands, bool dual = false) =>
        NetConf.Parse($$$"""{"Network":"10.244.0.0/16",{{{(dual ? "\"EnableIPv6\":true,\"IPv6Network\":\"fd42::/56\"," : "")}}}"Backend":{"Type":"extension",{{{commands}}}}}""");

    public static Lease Peer(int n, string data = "") => Samples.Lease(n, 0, new ExtensionOffer(data));

    public static ExtensionGoal Goal(NetworkConfig network, params Lease[] peers) =>
        ExtensionGoal.Of(new HostFacts(Samples.Node(1), new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1)), network), Samples.Lease(1), peers)!;

    public static ExtensionGoal Goal(params Lease[] peers) => Goal(Configured(), peers);
}
