namespace AkkaOverlay.Benchmarks.Forwarding;

/// <summary>One way to carry packets that is measured.</summary>
/// <param name="NetConf">The network's configuration.</param>
/// <param name="Arguments">More of the node's.</param>
/// <param name="Restless">Its processes keep a processor busy also when there is nothing to do: stopped while others are measured.</param>
internal sealed record Contender(string Name, string NetConf, IReadOnlyList<string> Arguments, bool Restless = false)
{
    public const string Reference = "vxlan";

    /// <summary>The udp back end with more arguments, to try them.</summary>
    public static Contender Udp(string arguments) => new(
        $"udp {arguments}", """{"Network":"10.244.0.0/16","Backend":{"Type":"udp"}}""", arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), arguments.Contains("spin", StringComparison.Ordinal));

    public static readonly IReadOnlyList<Contender> All =
    [
        new(Reference, """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan"}}""", []),
        new("host-gw", """{"Network":"10.244.0.0/16","Backend":{"Type":"host-gw"}}""", []),
        new("udp", """{"Network":"10.244.0.0/16","Backend":{"Type":"udp"}}""", []),
        new("udp, aes-256-gcm", """{"Network":"10.244.0.0/16","Backend":{"Type":"udp","Encryption":"aes-256-gcm"}}""", []),
        new("udp, spinning", """{"Network":"10.244.0.0/16","Backend":{"Type":"udp"}}""", ["--udp-threads", "1", "--udp-spin", "50"], Restless: true),
    ];
}
