using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class SeedCheck : ICheck
{
    public string Name => "seeds";

    public IReadOnlyList<int> Traps => [25];

    public string LooksAt => "each --seed: its name has an address, and its TCP port answers";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        foreach (var fact in facts.Seeds.Where(fact => fact.Problem is not null))
        {
            var seed = fact.Seed;
            yield return fact.Resolved
                ? Bite($"seed {seed.Text}: {fact.Problem}", "this host cannot join by it, and the core lacks a vote", $"start akka-overlay there, or let TCP {seed.Port} through: nc -vz {seed.Host} {seed.Port}")
                : Bite($"seed {seed.Text}: {fact.Problem}", "the node does not start", $"getent hosts {seed.Host}; put it into DNS or /etc/hosts");
        }
    }
}
