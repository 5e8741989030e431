using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class FirewalldCheck : ICheck
{
    public string Name => "firewalld";

    public IReadOnlyList<int> Traps => [16];

    public string LooksAt => "firewalld: does it run";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (facts.Runs("firewalld"))
        {
            string sources = string.Join(" ", facts.Networks.Select(network => $"--add-source={network}"));
            yield return Note("firewalld runs", "its reload drops what others added, and its zones drop what comes from devices that it does not know", $"firewall-cmd --permanent --zone=trusted {sources} && firewall-cmd --reload");
        }
    }
}
