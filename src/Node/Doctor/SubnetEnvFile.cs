using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Node.Doctor;

/// <summary>subnet.env as it stands on the disk, ours or flannel's.</summary>
internal static class SubnetEnvFile
{
    private static readonly string[] SubnetKeys = ["FLANNEL_SUBNET", "FLANNEL_IPV6_SUBNET"];

    /// <returns>Empty where there is none.</returns>
    public static IReadOnlyDictionary<string, string> Read(string path) => File.Exists(path) ? Parse(File.ReadAllText(path)) : new Dictionary<string, string>();

    internal static IReadOnlyDictionary<string, string> Parse(string text)
    {
        var values = new Dictionary<string, string>();
        foreach (string[] pair in text.Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2))
            values[pair[0].Trim()] = pair[1].Trim();
        return values;
    }

    public static IReadOnlyList<IpPrefix> Subnets(IReadOnlyDictionary<string, string> values) =>
        [.. SubnetKeys.Select(key => IpPrefix.TryParse(values.GetValueOrDefault(key), null, out var subnet) ? subnet.Network : (IpPrefix?)null).OfType<IpPrefix>()];
}
