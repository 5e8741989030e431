namespace AkkaOverlay.Simulation.Plan;

/// <summary>What a run is made of; with the seed, all of it.</summary>
/// <param name="Hosts">0: the seed decides.</param>
/// <param name="Chaos">How long things go wrong, in virtual time.</param>
/// <param name="LoseMajority">More disks are lost at once than may be: the ledger must stay closed.</param>
internal sealed record Settings(ulong Seed, Bug Bug, int Hosts, TimeSpan Chaos, bool LoseMajority)
{
    public static readonly TimeSpan UsualChaos = TimeSpan.FromSeconds(100);
}
