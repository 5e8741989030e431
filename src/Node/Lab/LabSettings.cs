using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Node.Lab;

/// <summary>What a lab is made with.</summary>
public sealed record LabSettings
{
    /// <summary>One /24 of the underlay, and the last addresses left alone.</summary>
    public const int MaxHosts = 200;

    /// <summary>How long processes have for their end, all together.</summary>
    public static readonly TimeSpan ExitGrace = TimeSpan.FromSeconds(10);

    /// <summary>The text of the net-conf.json that every node gets.</summary>
    public string NetConf { get; init; } = LabNetConf.Default;

    /// <summary>How many of the hosts, from the first on, are the core: 1, 3 or 5.</summary>
    public int CoreHosts { get; init; } = 1;

    /// <summary>
    /// Two hosts, and a cable from one to the other in the place of a bridge: what crosses it crosses nothing else, which is what a measurement wants.
    /// </summary>
    public bool DirectCable { get; init; }

    /// <summary>The akka-overlay executable, or what stands for it in a test; null for this process's own.</summary>
    public string? Executable { get; init; }

    /// <summary>From <see cref="Executable"/>, or the apphost that runs now, or the one beside this assembly.</summary>
    /// <exception cref="LabException">There is none.</exception>
    internal string FindExecutable()
    {
        const string name = "akka-overlay";
        string? own = Path.GetFileName(Environment.ProcessPath) == name ? Environment.ProcessPath : null;
        string?[] candidates = Executable is not null ? [Executable] : [own, Path.Combine(AppContext.BaseDirectory, name)];
        return candidates.FirstOrDefault(File.Exists)
            ?? throw new LabException($"there is no executable {candidates.OfType<string>().Last()} to start nodes with");
    }

    /// <exception cref="NetConfException">It cannot be used.</exception>
    internal NetworkConfig Network => Actors.Network.NetConf.Parse(NetConf);

    /// <summary>How long nodes may take until they are ready: they share this machine's cores.</summary>
    public static TimeSpan ReadyTimeout(int hosts) => TimeSpan.FromSeconds(Math.Max(60, 30 + (5 * hosts)));
}
