using System.Globalization;
using System.Text;

namespace AkkaOverlay.Node.Docker;

/// <summary>What Docker is told of its bridge.</summary>
/// <param name="Bip">The bridge's address with its length, such as 10.244.3.1/24.</param>
/// <param name="Mtu">Octets.</param>
/// <param name="IpMasq">False where the node masquerades itself; null where Docker is told nothing.</param>
public sealed record DockerOptions(string Bip, int Mtu, bool? IpMasq)
{
    /// <param name="saysIpMasq">False leaves the masquerade to Docker's own setting.</param>
    /// <exception cref="FormatException">Docker cannot be told what subnet.env says.</exception>
    public static DockerOptions From(SubnetEnvFile file, bool saysIpMasq)
    {
        ArgumentNullException.ThrowIfNull(file);
        var bridge = file.Bridge ?? throw new FormatException("FLANNEL_SUBNET is missing, and Docker's bridge needs an IPv4 subnet");
        bool? ipMasq = (saysIpMasq, file.IpMasq) switch
        {
            (false, _) => null,
            (_, "true") => false,
            (_, "false") => true,
            (_, null) => throw new FormatException("FLANNEL_IPMASQ is missing: half written?"),
            (_, var other) => throw new FormatException($"Invalid value of FLANNEL_IPMASQ: {other}"),
        };
        return new DockerOptions(bridge.ToString(), file.Mtu, ipMasq);
    }

    /// <summary>The variables that mk-docker-opts.sh sets, in its order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Variables()
    {
        var variables = new List<KeyValuePair<string, string>> { new("DOCKER_OPT_BIP", $"--bip={Bip}") };
        if (IpMasq is { } masq)
            variables.Add(new("DOCKER_OPT_IPMASQ", $"--ip-masq={(masq ? "true" : "false")}"));
        variables.Add(new("DOCKER_OPT_MTU", string.Create(CultureInfo.InvariantCulture, $"--mtu={Mtu}")));
        return variables;
    }

    /// <summary>The file that mk-docker-opts.sh writes.</summary>
    /// <param name="environment">DOCKER_OPT_* in it count as further options; <paramref name="key"/> stands in front of the combined ones.</param>
    /// <param name="individual">One line for each option.</param>
    /// <param name="key">Name of the line with all of them; null for none.</param>
    public string Format(IReadOnlyDictionary<string, string> environment, bool individual, string? key)
    {
        ArgumentNullException.ThrowIfNull(environment);
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in environment.Where(variable => variable.Key.StartsWith("DOCKER_OPT_", StringComparison.Ordinal)))
            all[name] = value;
        foreach (var (name, value) in Variables())
            all[name] = value;
        var text = new StringBuilder();
        if (individual)
        {
            foreach (var (name, value) in all)
                text.Append(CultureInfo.InvariantCulture, $"{name}=\"{value}\"\n");
        }
        if (key is not null)
        {
            string before = environment.GetValueOrDefault(key) is { Length: > 0 } preset ? preset + " " : "";
            text.Append(CultureInfo.InvariantCulture, $"{key}=\"{before}{string.Concat(all.Values.Select(value => " " + value))}\"\n");
        }
        return text.ToString();
    }
}
