using AkkaOverlay.EndToEnd.Tests;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.BackEndMatrix;

/// <summary>The families of a network's subnets.</summary>
[Flags]
internal enum Families
{
    IPv4 = 1,
    IPv6 = 2,
    Dual = IPv4 | IPv6,
}

/// <summary>A back end, and the families that it shall carry.</summary>
/// <param name="BackEnd">As an operator calls it.</param>
/// <param name="Options">The value of "Backend" in net-conf.json.</param>
internal sealed record BackEndCase(string BackEnd, string Options, Families Families)
{
    public string Name => $"{BackEnd} {(Families == Families.Dual ? "dual" : Families)}";

    /// <summary>Columns that this back end cannot have, and why.</summary>
    public IReadOnlyDictionary<Column, string> NotApplicable { get; init; } = new Dictionary<Column, string>();

    /// <summary>Of <see cref="NotApplicable"/> those that cannot even be tried.</summary>
    public IReadOnlySet<Column> Impossible { get; init; } = new HashSet<Column>();

    /// <summary>The row is about the packets' way alone: why all columns but the first three are not tried. Null where all are.</summary>
    public string? SeenElsewhere { get; init; }

    /// <summary>Called before the nodes start: an underlay that is not as the lab makes it.</summary>
    public Func<OverlayLab, Task>? Prepare { get; init; }

    /// <summary>Called when all hosts are ready, and again after a restart: kernel objects are what the back end says.</summary>
    public Func<OverlayLab, Task>? Layout { get; init; }

    public string NetConf => Families switch
    {
        Families.IPv4 => $$"""{"Network":"{{Subnets4}}","Backend":{{Options}}}""",
        Families.IPv6 => $$"""{"EnableIPv4":false,"EnableIPv6":true,"IPv6Network":"{{Subnets6}}","Backend":{{Options}}}""",
        _ => $$"""{"Network":"{{Subnets4}}","EnableIPv6":true,"IPv6Network":"{{Subnets6}}","Backend":{{Options}}}""",
    };

    /// <summary>True for IPv6, for each family of the row.</summary>
    public IReadOnlyList<bool> EachIsIPv6 => Families switch
    {
        Families.IPv4 => [false],
        Families.IPv6 => [true],
        _ => [false, true],
    };

    private const string Subnets4 = "10.244.0.0/16", Subnets6 = "fd00:244::/48";
}
