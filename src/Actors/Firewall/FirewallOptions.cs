using System.Net;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Firewall;

/// <summary>Whether tunnel packets of strangers are dropped.</summary>
public enum SpoofGuard
{
    /// <summary>Wherever nft is installed, and then it must be: a host whose guard is refused is not ready. Without nft as <see cref="On"/> where the network's configuration asks for nftables.</summary>
    Auto,

    /// <summary>Must be: without it, or without nft, the host is not ready.</summary>
    On,

    Off,
}

/// <summary>What an operator asked of this host's packet filter.</summary>
/// <param name="Masquerade"><c>--ip-masq</c>: containers reach the outside under the host's address.</param>
public sealed record FirewallOptions(bool Masquerade)
{
    /// <summary>Masqueraded connections get a random port of the whole range: two that start at once do not race for the same.</summary>
    public bool FullyRandom { get; init; } = true;

    /// <summary>Packets of the overlay are accepted on their way through the host.</summary>
    public bool ForwardRules { get; init; } = true;

    public SpoofGuard Guard { get; init; }

    /// <summary>May send tunnel packets without a lease.</summary>
    public EquatableArray<IPAddress> Allowed { get; init; }

    public FirewallNames Names { get; init; } = FirewallNames.Default;
}

/// <summary>What our objects are called in the kernel.</summary>
/// <param name="Table">Of nftables, family inet.</param>
/// <param name="PostRouting">Chain of iptables' table nat.</param>
/// <param name="Inside">Chain of iptables' table filter: between overlay addresses.</param>
/// <param name="Forward">Chain of iptables' table filter: to and from overlay addresses.</param>
/// <param name="DockerComment">On each rule in Docker's own chains.</param>
public sealed record FirewallNames(string Table, string PostRouting, string Inside, string Forward, string DockerComment)
{
    /// <summary>The chains that flannel has too are called as flannel calls them.</summary>
    public static readonly FirewallNames Default = new("akka-overlay", "FLANNEL-POSTRTG", "OVERLAY-INSIDE", "FLANNEL-FWD", "akka-overlay-docker");

    /// <summary>Those of one network of several: iptables takes 28 octets for a chain's name, so flannel's are too long to be added to.</summary>
    public static FirewallNames Of(NetworkName network) => network.IsDefault
        ? Default
        : new($"akka-overlay-{network.Text}", $"OVERLAY-NAT-{network.Text}", $"OVERLAY-IN-{network.Text}", $"OVERLAY-FWD-{network.Text}", $"{Default.DockerComment}-{network.Text}");
}
