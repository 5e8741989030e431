using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class SeedCheck : ICheck
{
    public string Name => "seeds";

    public IReadOnlyList<int> Traps => [25];

    public string LooksAt => "each --seed: its name has an address, and its TCP port answers";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        foreach (var seed in facts.Seeds.Where(seed => seed.Problem is not null))
        {
            yield return seed.Resolved
                ? Bite($"seed {seed.Text}: {seed.Problem}", "this host cannot join by it, and the core lacks a vote", $"start akka-overlay there, or let TCP {facts.Port} through: nc -vz {seed.Text.Split(':')[0]} {facts.Port}")
                : Bite($"seed {seed.Text}: {seed.Problem}", "the node does not start", $"getent hosts {seed.Text.Split(':')[0]}; put it into DNS or /etc/hosts");
        }
    }
}
