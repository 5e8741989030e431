using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class StateDirectoryCheck : ICheck
{
    public string Name => "state-dir";

    public IReadOnlyList<int> Traps => [];

    public string LooksAt => "the state directory: can be written, free space, nobody else can read it";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (facts.StateProblem is { } problem)
            yield return Bite($"{facts.StateDirectory}: {problem}", "the node does not start; a running one loses its lease at the next restart, and a core host cannot vote", $"df {facts.StateDirectory}; mount -o remount,rw …, or --state-dir elsewhere");
        else if (facts.StateFree < 16 * 1024 * 1024)
            yield return Bite($"{facts.StateDirectory} has {facts.StateFree / 1024} KiB left", "the ledger stops when nothing can be written", $"df {facts.StateDirectory}; du -xh / | sort -h | tail");
        if (facts.StateMode is { } mode && (mode & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.GroupWrite)) != 0 && facts.Node is not null)
            yield return Note($"{facts.StateDirectory} is open to others ({mode})", "the tunnel's key lies in there", $"chmod 700 {facts.StateDirectory}");
    }
}
