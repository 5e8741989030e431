namespace AkkaOverlay.Simulation.Plan;

/// <summary>What a run is made of; with the seed, all of it.</summary>
/// <param name="Hosts">0: the seed decides.</param>
/// <param name="Chaos">How long things go wrong, in virtual time.</param>
/// <param name="Loss">More disks are lost at once in the end than the ledger promises to survive.</param>
internal sealed record Settings(ulong Seed, Bug Bug, int Hosts, TimeSpan Chaos, Loss Loss)
{
    public static readonly TimeSpan UsualChaos = TimeSpan.FromSeconds(100);
}
