namespace AkkaOverlay.Simulation.Check;

/// <summary>What an owner has after a certain entry of the ledger.</summary>
/// <param name="Subnet">−1: nothing.</param>
internal readonly record struct Hold(int Subnet, long Generation, int Address)
{
    public static readonly Hold Nothing = new(-1, 0, 0);
}
