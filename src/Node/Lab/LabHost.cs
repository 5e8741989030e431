using System.Diagnostics;
using System.Net;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Node.Api;
using Tmds.Linux;

namespace AkkaOverlay.Node.Lab;

/// <summary>
/// One host of the lab: its network namespace with eth0 in the underlay, a container's namespace, two directories, and the node that
/// runs inside, when it was started. Made and removed by <see cref="LabNetwork"/>.
/// </summary>
public sealed class LabHost : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    private readonly LabNetwork network;
    private readonly ContainerWiring wiring;
    private readonly LabLog log;
    private readonly Lazy<Pinger> pinger;
    private long started;

    internal LabHost(LabNetwork network, int index, NetworkNamespace host, NetworkNamespace container, string directory)
    {
        this.network = network;
        Index = index;
        Host = host;
        Container = container;
        StateDirectory = Directory.CreateDirectory(Path.Combine(directory, "state")).FullName;
        RunDirectory = Directory.CreateDirectory(Path.Combine(directory, "run")).FullName;
        log = new LabLog(Path.Combine(directory, "node.log"));
        wiring = new ContainerWiring(host, container);
        pinger = new Lazy<Pinger>(() => new Pinger(Container));
        Api = new ApiClient(ApiSocket.PathIn(RunDirectory), TimeSpan.FromSeconds(5));
    }

    /// <summary>From 1.</summary>
    public int Index { get; }

    public string Name => $"h{Index}";

    public NetworkNamespace Host { get; }

    public NetworkNamespace Container { get; }

    public string StateDirectory { get; }

    public string RunDirectory { get; }

    public string SubnetFile => Path.Combine(RunDirectory, "subnet.env");

    public string LogFile => log.Path;

    public IPAddress UnderlayAddress => LabNetwork.UnderlayAddress(Index);

    public IPAddress UnderlayAddress6 => LabNetwork.UnderlayAddress6(Index);

    /// <summary>Null before <see cref="ConnectContainer"/>, and in a network without IPv4.</summary>
    public IPAddress? ContainerAddress => wiring.Current?.Container;

    public IPAddress? ContainerAddress6 => wiring.Current?.Container6;

    internal IpPrefix? Subnet => wiring.Current?.Gateway?.Network;

    internal IpPrefix? Subnet6 => wiring.Current?.Gateway6?.Network;

    /// <summary>The node of the last start, also when it has ended.</summary>
    public Process? Process { get; private set; }

    public bool IsRunning => Process is { HasExited: false };

    /// <summary>Since the last start.</summary>
    public TimeSpan Uptime => Stopwatch.GetElapsedTime(started);

    /// <summary>How long the node of the last start took, as <see cref="LabBringUp"/> saw it.</summary>
    public TimeSpan? ReadyAfter { get; internal set; }

    public ApiClient Api { get; }

    /// <summary>Pings from the container; opened at first use.</summary>
    public Pinger Pinger => pinger.Value;

    /// <summary>Starts the node in the host's namespace; again after it has ended.</summary>
    /// <param name="extraArguments">Behind those that every node of the lab gets.</param>
    public void Start(params IEnumerable<string> extraArguments) => Start(new Dictionary<string, string>(), extraArguments);

    /// <param name="environment">Variables on top of this process's own.</param>
    /// <inheritdoc cref="Start(IEnumerable{string})"/>
    public void Start(IReadOnlyDictionary<string, string> environment, params IEnumerable<string> extraArguments)
    {
        ArgumentNullException.ThrowIfNull(environment);
        if (IsRunning)
            throw new InvalidOperationException($"{Name} runs already.");
        var start = network.NodeCommand(this, extraArguments);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        Process?.Dispose();
        ReadyAfter = null;
        started = Stopwatch.GetTimestamp();
        try
        {
            Process = Host.StartProcess(start);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new LabException($"{start.FileName} cannot be started: {e.Message}", inner: e);
        }
        Process.OutputDataReceived += (_, line) => log.Write(line.Data);
        Process.ErrorDataReceived += (_, line) => log.Write(line.Data);
        Process.BeginOutputReadLine();
        Process.BeginErrorReadLine();
    }

    /// <summary>SIGKILL.</summary>
    public void Kill() => Signal(LibC.SIGKILL);

    /// <summary>SIGTERM.</summary>
    public void Terminate() => Signal(LibC.SIGTERM);

    /// <summary>SIGSTOP.</summary>
    public void Pause() => Signal(LibC.SIGSTOP);

    /// <summary>SIGCONT.</summary>
    public void Resume() => Signal(LibC.SIGCONT);

    /// <returns>The exit status.</returns>
    public async Task<int> WaitForExitAsync(CancellationToken cancel = default)
    {
        var process = Process ?? throw new InvalidOperationException($"{Name} was not started.");
        await process.WaitForExitAsync(cancel);
        return process.ExitCode;
    }

    /// <summary>Waits until <c>GET /ready</c> says so.</summary>
    /// <exception cref="LabException">The node ended, or the time is over; with the end of its log.</exception>
    public async Task WaitReadyAsync(TimeSpan timeout, CancellationToken cancel = default)
    {
        string last = "it does not answer";
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < timeout; await Task.Delay(PollInterval, cancel))
        {
            await ThrowIfEndedAsync();
            try
            {
                var answer = await Api.ReadyAsync(cancel);
                if (answer.Ready)
                    return;
                last = NotReady.Because(answer.Components);
            }
            catch (ApiException e)
            {
                last = e.Message;
            }
        }
        throw Failure($"{Name} is not ready after {timeout.TotalSeconds:0} s: {last}");
    }

    /// <summary>Wires the container from subnet.env. Again after that has changed; where it has not, nothing happens.</summary>
    /// <exception cref="LabException">There is no subnet.env yet, or the kernel refused.</exception>
    public void ConnectContainer() => wiring.Apply(Lab.SubnetFile.Read(SubnetFile));

    /// <summary>
    /// Pulls or plugs the underlay's cable, at the bridge's end: eth0 stays up and keeps its addresses and routes, but has no carrier.
    /// </summary>
    public void SetUnderlayLink(bool up) => network.SetPort(this, up);

    /// <summary>What <see cref="LabNetwork.RemoveHost"/> does, unless it is done.</summary>
    public void Dispose()
    {
        if (network.Hosts.Contains(this))
            network.RemoveHost(this);
    }

    /// <exception cref="LabException">The node has ended; with the end of its log.</exception>
    internal async Task ThrowIfEndedAsync()
    {
        if (Process is not { HasExited: true } ended)
            return;
        // Its last lines may still be on their way; a child of it that lives on would keep the pipe open for ever.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            await ended.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // What has come by now is what there is to show.
        }
        throw Failure($"{Name} ended with status {ended.ExitCode}");
    }

    internal LabException Failure(string message) => new(message, log.Tail(15));

    /// <summary>Closes everything that would keep the namespaces alive.</summary>
    internal void Close()
    {
        if (pinger.IsValueCreated)
            pinger.Value.Dispose();
        Api.Dispose();
        Process?.Dispose();
        log.Dispose();
        Host.Dispose();
        Container.Dispose();
    }

    private void Signal(int signal)
    {
        if (IsRunning)
            _ = LibC.kill(Process!.Id, signal);
    }
}
