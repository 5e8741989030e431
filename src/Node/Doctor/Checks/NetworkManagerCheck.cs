using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class NetworkManagerCheck : ICheck
{
    public string Name => "networkmanager";

    public IReadOnlyList<int> Traps => [7, 8];

    public string LooksAt => "NetworkManager: unmanaged-devices of its configuration";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (!facts.Runs("NetworkManager"))
            yield break;
        bool spared = facts.Files.Where(file => file.Key.Contains("NetworkManager", StringComparison.Ordinal)).SelectMany(file => IniFile.Read(file.Value))
            .Any(line => line.Key == "unmanaged-devices" && line.Value.Contains("flannel", StringComparison.Ordinal));
        if (!spared)
            yield return Note("NetworkManager runs and is not told to leave flannel* alone", "a connection that matches any device takes ours over", "printf '[keyfile]\\nunmanaged-devices=interface-name:flannel*\\n' > /etc/NetworkManager/conf.d/akka-overlay.conf && nmcli general reload");
    }
}
