using System.Collections.Immutable;

namespace AkkaOverlay.BackEndMatrix;

/// <summary>The rows that there are, and by what each is seen.</summary>
internal static class MatrixRows
{
    private const string ByCommands = "the operator's commands make the kernel's objects, and no node knows them";

    private static readonly Families[] EachFamily = [Families.IPv4, Families.IPv6, Families.Dual];

    private static readonly BackEndCase
        Vxlan = new("vxlan", """{"Type":"vxlan"}""", Families.Dual),
        HostGw = new("host-gw", """{"Type":"host-gw"}""", Families.Dual),
        Udp = new("udp", """{"Type":"udp"}""", Families.Dual)
        {
            NotApplicable = new Dictionary<Column, string>
            {
                [Column.RestartWithoutLoss] = "the process itself carries the packets: they pass again when it runs, by the same device",
            },
        },
        Encrypted = Udp with { BackEnd = "udp encrypted", Options = """{"Type":"udp","Encryption":"aes-256-gcm"}""" },
        Extension = new("extension", """
            {"Type":"extension",
             "SubnetAddCommand":["/bin/sh","-ec","[ -z \"$SUBNET\" ] || ip route replace $SUBNET via $PUBLIC_IP; [ -z \"$IPV6SUBNET\" ] || ip -6 route replace $IPV6SUBNET via $PUBLIC_IPV6"],
             "SubnetRemoveCommand":["/bin/sh","-ec","[ -z \"$SUBNET\" ] || ip route del $SUBNET; [ -z \"$IPV6SUBNET\" ] || ip -6 route del $IPV6SUBNET"]}
            """, Families.Dual)
        {
            NotApplicable = new Dictionary<Column, string>
            {
                [Column.StaleSweep] = ByCommands,
                [Column.Repair] = ByCommands,
            },
            Impossible = new HashSet<Column> { Column.StaleSweep, Column.Repair },
        },
        Auto = new("auto", """{"Type":"auto"}""", Families.Dual) { Prepare = SplitUnderlay.MakeAsync },
        Ipip = new("ipip", """{"Type":"ipip"}""", Families.IPv4),
        WireGuard = new("wireguard", """{"Type":"wireguard","PSK":"3UyvyUcF+uAeEXYn8pQR2mPSaDfPK5kKmBzKGCAwZnM=","PersistentKeepaliveInterval":25}""", Families.Dual);

    /// <summary>Seen under <see cref="MatrixKernel.Own"/>.</summary>
    public static ImmutableArray<BackEndCase> Own { get; } =
        [.. new[] { Vxlan, HostGw, Udp, Encrypted, Extension, Auto }.SelectMany(_ => EachFamily, (backEnd, families) => backEnd with { Families = families })];

    /// <summary>Seen under <see cref="MatrixKernel.Second"/>.</summary>
    public static ImmutableArray<BackEndCase> Second { get; } =
    [
        Ipip,
        .. EachFamily.Select(families => WireGuard with { Families = families }),
        .. new[] { Vxlan, HostGw, Udp }.Select(of => of with { SeenElsewhere = "the row of the own kernel has shown it: this one is for the underlay that loses, delays and reorders" }),
    ];

    /// <summary>A network that <see cref="NotApplicable"/> says is refused.</summary>
    public static ImmutableArray<BackEndCase> Refused { get; } = [Ipip with { Families = Families.IPv6 }, Ipip with { Families = Families.Dual }];

    /// <summary>No packet of ours goes there, and why.</summary>
    public static ImmutableArray<MatrixRow> NotApplicable { get; } =
    [
        .. Refused.Select(of => MatrixRow.NotApplicable(of.Name, "ipip carries IPv4 only, and such a net-conf.json is refused")),
        MatrixRow.NotApplicable("alloc", "alloc gives a subnet and makes nothing in the kernel: the operator's own network carries the packets"),
        .. new[] { "aws-vpc", "gce" }.Select(cloud =>
            MatrixRow.NotApplicable(cloud, "the provider's own network carries the packets; its API is tested against a server of ours ([backends-cloud.md](backends-cloud.md))")),
    ];

    /// <summary>Every row of the table, in its order: a back end's stand together.</summary>
    public static ImmutableArray<(string Name, string Kernel)> Keys { get; } = Ordered();

    private static ImmutableArray<(string Name, string Kernel)> Ordered()
    {
        string[] backEnds = ["vxlan", "host-gw", "udp", "udp encrypted", "ipip", "wireguard", "auto", "alloc", "extension", "aws-vpc", "gce"];
        var keys = Own.Select(of => (of.Name, Kernel: MatrixKernel.Own.Name))
            .Concat(Second.Select(of => (of.Name, Kernel: MatrixKernel.Second.Name)))
            .Concat(NotApplicable.Select(row => row.Key));
        return [.. keys.OrderBy(key => backEnds.Index().Last(backEnd => key.Name.StartsWith(backEnd.Item, StringComparison.Ordinal)).Index)];
    }
}
