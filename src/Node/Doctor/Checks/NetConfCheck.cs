using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class NetConfCheck : ICheck
{
    public string Name => "net-conf";

    public IReadOnlyList<int> Traps => [];

    public string LooksAt => "net-conf.json, as `network check` reads it";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (facts.NetConfProblem is { } problem)
            yield return Bite(problem, "a core host does not start with it", "akka-overlay network check FILE");
    }
}
