namespace AkkaOverlay.Actors.BackEnds;

/// <summary>How one host tells its kernel about vxlan peers. On the wire both are the same, so hosts of both mix.</summary>
public enum VxlanLayout
{
    /// <summary>Flannel's: per peer a neighbour, a forwarding entry and a route.</summary>
    Classic,

    /// <summary>Per peer a neighbour, a nexthop object that encapsulates, and a route that names it: no forwarding entries.</summary>
    Compact,
}
