using System.Text.Json;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class DockerOptionsCheck : ICheck
{
    public string Name => "docker-options";

    public IReadOnlyList<int> Traps => [17, 20];

    public string LooksAt => "/etc/docker/daemon.json: bip and mtu against subnet.env";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (!facts.Files.TryGetValue("/etc/docker/daemon.json", out string? text) || facts.SubnetEnv.Count == 0)
            yield break;
        JsonElement options;
        string? problem = null;
        try
        {
            using var document = JsonDocument.Parse(text);
            options = document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            options = default;
            problem = e.Message;
        }
        if (problem is not null || options.ValueKind != JsonValueKind.Object)
        {
            yield return Note($"/etc/docker/daemon.json is no JSON object{(problem is null ? "" : $": {problem}")}", "dockerd does not start with it", "dockerd --validate");
            yield break;
        }
        string? subnet = facts.SubnetEnv.GetValueOrDefault("FLANNEL_SUBNET");
        string? mtu = facts.SubnetEnv.GetValueOrDefault("FLANNEL_MTU");
        if (options.TryGetProperty("bip", out var bip) && bip.ToString() != subnet && subnet is not null)
            yield return Bite($"daemon.json: bip {bip}, but this host's subnet is {subnet}", "containers get addresses that no other host has a way to", $"set \"bip\": \"{subnet}\" and systemctl restart docker (docker/README.md)");
        if (options.TryGetProperty("mtu", out var set) && set.ToString() != mtu && mtu is not null)
            yield return Bite($"daemon.json: mtu {set}, but the overlay's is {mtu}", "large packets of containers get lost or cut", $"set \"mtu\": {mtu}, systemctl restart docker, and start the containers anew");
    }
}
