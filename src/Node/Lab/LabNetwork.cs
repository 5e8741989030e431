using System.Diagnostics;
using System.Globalization;
using System.Net;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Sysctl;

namespace AkkaOverlay.Node.Lab;

/// <summary>
/// A network on this one machine: a namespace with the underlay's bridge, and hosts. The machine's own namespace is never touched.
/// Disposing ends every process inside and removes everything; it does so too when this process ends by itself or by a signal that
/// .NET sees. What SIGKILL leaves behind, <see cref="LabSweep"/> removes.
/// </summary>
/// <remarks>Thread-safe; <see cref="Hosts"/> shows hosts that are complete.</remarks>
public sealed class LabNetwork : IDisposable
{
    private const string Bridge = "br0", Device = "eth0", Loopback = "lo";

    private static readonly Lock NameGate = new();

    /// <summary>Of util-linux. Nodes get a session of their own, so that the terminal's Ctrl-C reaches the lab alone.</summary>
    private static readonly string? SetSid = new[] { "/usr/bin/setsid", "/bin/setsid" }.FirstOrDefault(File.Exists);

    private readonly LabName name;
    private readonly LabSettings settings;
    private readonly NetworkNamespace underlay;
    private readonly List<LabHost> hosts = [];
    private readonly CancellationTokenSource hurry = new();
    private readonly Lock gate = new();
    private int lastIndex;
    private bool kept;
    private bool disposed;

    private LabNetwork(LabName name, LabSettings settings)
    {
        this.name = name;
        this.settings = settings;
        File.WriteAllText(NetConfFile, settings.NetConf);
        underlay = NetworkNamespace.Create(name.Underlay);
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    /// <summary>"aol" and the process's id: the namespaces' names begin with it.</summary>
    public string Name => name.ToString();

    public string Directory => name.Directory;

    public string NetConfFile => Path.Combine(Directory, "net-conf.json");

    public IReadOnlyList<LabHost> Hosts => hosts;

    /// <summary>The hosts whose addresses are the seed list.</summary>
    public IEnumerable<LabHost> Core => hosts.Where(host => host.Index <= settings.CoreHosts);

    /// <summary>Makes the underlay, without hosts.</summary>
    /// <exception cref="LabException">The kernel refused. Nothing stays behind.</exception>
    public static LabNetwork Create(LabSettings? settings = null)
    {
        var name = Claim();
        LabNetwork? network = null;
        try
        {
            network = new LabNetwork(name, settings ?? new LabSettings());
            using var netlink = new NamespaceNetlink(network.underlay);
            netlink.CreateBridge(Bridge);
            netlink.SetUp(Bridge);
            return network;
        }
        catch
        {
            network?.Dispose();
            LabSweep.RemoveObjects(name);
            throw;
        }
    }

    public static IPAddress UnderlayAddress(int index) => IPAddress.Parse($"192.168.77.{index}");

    public static IPAddress UnderlayAddress6(int index) => IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"fd77::{index}"));

    /// <summary>Makes the next host, also while others run. Its node is not started.</summary>
    /// <exception cref="LabException">The kernel refused. Nothing of the host stays behind.</exception>
    public LabHost AddHost()
    {
        lock (gate)
            return AddNext();
    }

    /// <summary>Ends the host's processes and removes it.</summary>
    public void RemoveHost(LabHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        lock (gate)
        {
            if (!hosts.Remove(host))
                throw new ArgumentException($"{host.Name} is no host of {Name}.", nameof(host));
            LabSweep.EndProcesses(NamesOf(host.Index), LabSettings.ExitGrace, hurry.Token);
            host.Close();
            LabSweep.RemoveNamespaces(NamesOf(host.Index));
            System.IO.Directory.Delete(Path.Combine(Directory, host.Name), recursive: true);
        }
    }

    /// <summary>
    /// Leaves everything in place when this is disposed or the process ends, until <see cref="LabSweep.Run"/> is told to remove it.
    /// </summary>
    public void Keep()
    {
        LabOwner.Keep(name);
        kept = true;
    }

    /// <summary>From now on, processes are killed instead of asked, in a disposal that is under way too.</summary>
    public void Hurry() => hurry.Cancel();

    /// <summary>Waits for the processes' end, at most <see cref="LabSettings.ExitGrace"/>. A second caller waits for the first.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed)
                return;
            disposed = true;
            AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
            if (!kept)
                LabSweep.EndProcesses(LabSweep.NamespacesOf(name), LabSettings.ExitGrace, hurry.Token);
            foreach (var host in hosts)
                host.Close();
            underlay.Dispose();
            if (!kept)
                LabSweep.RemoveObjects(name);
        }
    }

    internal ProcessStartInfo NodeCommand(LabHost host, IEnumerable<string> extraArguments)
    {
        string[] command =
        [
            .. SetSid is null ? [] : new[] { SetSid }, settings.FindExecutable(), "run",
            .. Enumerable.Range(1, settings.CoreHosts).SelectMany(seed => new[] { "--seed", UnderlayAddress(seed).ToString() }), "--iface", Device,
            "--state-dir", host.StateDirectory, "--run-dir", host.RunDirectory,
            "--node-name", host.Name, "--net-conf", NetConfFile, .. extraArguments,
        ];
        return new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
    }

    /// <summary>Pulls the host's underlay device out of the machine and puts another one in, with the same name and addresses.</summary>
    public void ReplaceUnderlayDevice(LabHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        using (var outside = new NamespaceNetlink(underlay))
            outside.DeleteIfThere(host.Name);
        Plug(host.Index, host.Host);
    }

    internal void SetPort(LabHost host, bool up)
    {
        using var netlink = new NamespaceNetlink(underlay);
        netlink.SetLink(host.Name, up: up);
    }

    /// <summary>
    /// Takes the first name of this process that has no objects; its directory, with the owner in it, comes before any namespace.
    /// </summary>
    private static LabName Claim()
    {
        lock (NameGate)
        {
            var name = Enumerable.Range(1, int.MaxValue)
                .Select(serial => new LabName(Environment.ProcessId, serial))
                .First(free => !LabSweep.Exists(free));
            System.IO.Directory.CreateDirectory(name.Directory);
            LabOwner.Write(name);
            return name;
        }
    }

    private LabHost AddNext()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        int most = settings.DirectCable ? 2 : LabSettings.MaxHosts;
        if (lastIndex == most)
            throw new LabException($"a lab has at most {most} hosts");
        int index = ++lastIndex;
        NetworkNamespace? host = null, container = null;
        try
        {
            host = NetworkNamespace.Create(name.Host(index));
            container = NetworkNamespace.Create(name.Container(index));
            Plug(index, host);
            using (var inside = new NamespaceNetlink(container))
                inside.SetUp(Loopback);
            var added = new LabHost(this, index, host, container, Path.Combine(Directory, $"h{index}"));
            hosts.Add(added);
            return added;
        }
        catch
        {
            host?.Dispose();
            container?.Dispose();
            LabSweep.RemoveNamespaces(NamesOf(index));
            throw;
        }
    }

    private string[] NamesOf(int index) => [name.Host(index), name.Container(index)];

    private void Plug(int index, NetworkNamespace host)
    {
        using var inside = new NamespaceNetlink(host);
        inside.SetUp(Loopback);
        if (settings.DirectCable)
        {
            // The first host gets its end when the second one is there to hold the other.
            if (index == 1)
                return;
            inside.CreateVeth(Device, Device, hosts[0].Host);
            using var other = new NamespaceNetlink(hosts[0].Host);
            Address(1, hosts[0].Host, other);
        }
        else
        {
            string port = $"h{index}";
            using var outside = new NamespaceNetlink(underlay);
            outside.CreateVeth(port, Device, host);
            outside.SetUp(port, bridge: Bridge);
        }
        Address(index, host, inside);
    }

    private static void Address(int index, NetworkNamespace host, NamespaceNetlink inside)
    {
        inside.SetUp(Device);
        inside.PutAddress(Device, new IpPrefix(UnderlayAddress(index), 24));
        if (host.Run(() => Sysctls.Exists("net/ipv6/conf/all/disable_ipv6")))
            inside.PutAddress(Device, new IpPrefix(UnderlayAddress6(index), 64));
    }

    private void OnProcessExit(object? sender, EventArgs e) => Dispose();
}
