namespace AkkaOverlay.BackEndMatrix;

/// <summary>What every back end must stand, in the order of the table in docs/backends.md.</summary>
internal enum Column
{
    /// <summary>Every container reaches every other, by each family of the row.</summary>
    Ping,

    /// <summary>Random octets arrive as they were sent; where the kernel has netem, over an underlay that loses, delays and reorders too.</summary>
    Tcp,

    /// <summary>A packet of the containers' MTU passes whole, and one octet more is refused at home.</summary>
    FullSize,

    /// <summary>A node that was killed and started again has its subnet, and is reached.</summary>
    PeerRestart,

    /// <summary>A host that was told to leave is gone from every table, and the others' packets pass.</summary>
    HostLeave,

    /// <summary>What is in the kernel of a peer that is no more goes when the node starts.</summary>
    StaleSweep,

    /// <summary>What somebody takes away that packets go by is back, by the kernel's event.</summary>
    Repair,

    /// <summary>Nodes are killed and started again, and no packet is lost.</summary>
    RestartWithoutLoss,
}

internal static class Columns
{
    public static IReadOnlyList<Column> All { get; } = Enum.GetValues<Column>();

    /// <summary>Its head in the table.</summary>
    public static string Title(this Column column) => column switch
    {
        Column.Ping => "ping",
        Column.Tcp => "TCP transfer",
        Column.FullSize => "MTU-size packets",
        Column.PeerRestart => "peer restart",
        Column.HostLeave => "host leave",
        Column.StaleSweep => "stale sweep",
        Column.Repair => "repair by event",
        Column.RestartWithoutLoss => "restart without loss",
        _ => throw new ArgumentOutOfRangeException(nameof(column)),
    };
}
