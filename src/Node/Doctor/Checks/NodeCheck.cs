using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class NodeCheck : ICheck
{
    public string Name => "node";

    public IReadOnlyList<int> Traps => [2, 3, 5];

    public string LooksAt => "the running node: what it waits for (lease refused, a second host with the same node id, ledger not heard …)";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        foreach (string waiting in facts.NotReady)
            yield return Bite($"the node is not ready: {waiting}", "containers here may not be reached", $"{facts.Cli("status")}; journalctl -u {facts.Service}");
    }
}
