using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Cluster.Forming;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Proc;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Node.Run;

/// <summary>Everything that a node needs to know before its first actor runs.</summary>
/// <param name="Seat">This host's own seed; null on a plain host.</param>
/// <param name="Bind">Where the cluster's port is opened.</param>
/// <param name="Network">From this host's net-conf.json; null on a plain host without one.</param>
/// <param name="Claim">Held until the process ends.</param>
/// <param name="Journal">Where the ledger is written; null on a plain host.</param>
public sealed record NodePlan(
    RunOptions Options,
    NodeId Node,
    SeedList Seeds,
    Seed? Seat,
    IPAddress Address,
    IPAddress Bind,
    Underlay Underlay,
    NetworkConfig? Network,
    ILedgerJournal? Journal,
    HostFiles Files,
    NodeClaim Claim,
    IReadOnlyList<string> Warnings)
{
    public string SocketPath => ApiSocket.PathIn(Options.RunDirectory);

    public ClusterFiles ClusterFiles => new(Options.StateDirectory, BootId.Read().ToString());
}

/// <summary>
/// Looks at everything that can be wrong before anything is made: rights, files, devices, ports. Each finding is one line, and the process ends.
/// </summary>
public static class Preflight
{
    /// <exception cref="StartException">What is wrong, in one line.</exception>
    public static NodePlan Check(RunOptions options)
    {
        if (!Capabilities.HasNetAdmin())
            throw new StartException("no CAP_NET_ADMIN: run it as root, or give it the capability");
        CheckSocketPath(Path.Combine(options.RunDirectory, "api.sock"));
        var warnings = new List<string>();
        if (options is { ApiToken: not null, ApiListen: { } open } && !IPAddress.IsLoopback(open.Address))
            warnings.Add($"--api-listen {open}: the token crosses the network as it is: let only networks that you trust reach this port, or a TLS proxy");
        var network = LoadNetwork(options, warnings);
        var seeds = Resolve(options.Seeds);
        try
        {
            using IRtnetlink kernel = RtnetlinkSocket.Open();
            var underlay = UnderlaySelection.Select(options, [.. seeds.Seeds.Select(seed => seed.Address)], kernel, network);
            var seat = FindSeat(options, seeds, underlay, kernel);
            if (network is null && seat is not null)
                throw new StartException($"{options.NetConf}: not found; a host of the core needs the network's configuration (--net-conf FILE)");
            if (network is not null)
                CheckBackEnd(network);
            var (address, bind) = AddressesOf(seat, underlay, kernel);
            CheckPort(bind, options.Port);
            if (options.ApiListen is { } listen)
                TcpEntrance.Bind(listen, null).Dispose();
            if (ApiSocket.Look(ApiSocket.PathIn(options.RunDirectory)) == SocketState.Answered)
                throw new StartException(ApiSocket.Taken(ApiSocket.PathIn(options.RunDirectory)));
            NodeClaim.Check(options.StateDirectory, options.Network);
            if (network is not null)
                new OtherNetworks(kernel, options, network, NodeIdentity.Find(NodeIdentity.FileIn(options.StateDirectory))).Check(new[] { underlay.Local.IPv4, underlay.Local.IPv6 }.OfType<IPAddress>());
            // Looks into the state directory: not while another node writes there, whose port it has.
            var journal = JournalChoice.Of(options, seeds, seat, warnings);
            PrepareDirectories(options);
            var claim = NodeClaim.Take(options.StateDirectory, options.Network);
            var files = LoadFiles(options);
            JournalChoice.Prepare(journal, options, warnings);
            var node = NodeIdentity.LoadOrCreate(NodeIdentity.FileIn(options.StateDirectory));
            var plan = new NodePlan(options, node, seeds, seat, address, bind, underlay, network, journal, files, claim, warnings);
            CheckClusterFiles(plan);
            return plan;
        }
        catch (NetlinkException e)
        {
            throw new StartException(e.Message, e);
        }
    }

    /// <summary>Where the others reach this node's cluster port, and where it is opened: the same, unless there is NAT between.</summary>
    public static (IPAddress Address, IPAddress Bind) AddressesOf(Seed? seat, Underlay underlay, IRtnetlink kernel)
    {
        var address = seat?.Address ?? underlay.Public.IPv4 ?? underlay.Public.IPv6!;
        bool isMine = kernel.DumpAddresses().Any(held => held.Address.Equals(address));
        var local = address.AddressFamily == AddressFamily.InterNetwork ? underlay.Local.IPv4 : underlay.Local.IPv6;
        return (address, isMine ? address : local
            ?? throw new StartException($"{address}: no device has it, and {underlay.Device} has no address of its family at which what a router translates could arrive"));
    }

    private static NetworkConfig? LoadNetwork(RunOptions options, List<string> warnings)
    {
        if (!options.NetConfGiven && !File.Exists(options.NetConf))
            return null;
        var network = NetConfFile.Load(options.NetConf, out var inFile);
        warnings.AddRange(inFile.Select(warning => $"{options.NetConf}: {warning}"));
        return network;
    }

    /// <exception cref="StartException">A name has no address.</exception>
    /// <exception cref="UsageException">They cannot be a seed list.</exception>
    internal static SeedList Resolve(IReadOnlyList<SeedEntry> entries)
    {
        try
        {
            return SeedList.Of(entries.Select(entry => new Seed(entry.Text, Resolve(entry), entry.Port)));
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"--seed: {e.Message}");
        }
    }

    private static IPAddress Resolve(SeedEntry entry)
    {
        if (IPAddress.TryParse(entry.Host, out var literal))
            return literal;
        try
        {
            return SeedEntry.Choose(Dns.GetHostAddresses(entry.Host)) ?? throw new StartException($"--seed {entry.Text}: the name has no address");
        }
        catch (SocketException e)
        {
            throw new StartException($"--seed {entry.Text}: the name cannot be resolved ({e.Message})", e);
        }
    }

    private static Seed? FindSeat(RunOptions options, SeedList seeds, Underlay underlay, IRtnetlink kernel)
    {
        if (options.SeedSelf is { } self)
            return seeds.Seeds.FirstOrDefault(seed => seed.Text == self) ?? throw new UsageException($"--seed-self '{self}': not one of the seeds");
        var mine = kernel.DumpAddresses().Select(held => held.Address).ToList();
        mine.AddRange(new[] { underlay.Public.IPv4, underlay.Public.IPv6 }.OfType<IPAddress>());
        return seeds.SeatOf(mine, options.Port);
    }

    private static void PrepareDirectories(RunOptions options)
    {
        string? forSubnetFile = Path.GetDirectoryName(Path.GetFullPath(options.SubnetFile));
        foreach (string directory in new[] { options.StateDirectory, options.RunDirectory, forSubnetFile }.OfType<string>().Distinct())
        {
            try
            {
                // The ledger and the remembered configuration may hold keys.
                if (directory == options.StateDirectory)
                    Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                else
                    Directory.CreateDirectory(directory);
                string probe = Path.Combine(directory, $".write-probe-{Environment.ProcessId}");
                File.WriteAllBytes(probe, [0]);
                File.Delete(probe);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new StartException($"{directory} cannot be made or written: {e.Message}", e);
            }
        }
    }

    private static HostFiles LoadFiles(RunOptions options)
    {
        var files = new HostFiles(options.StateDirectory, options.SubnetFile);
        try
        {
            files.LoadLease();
            return files;
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new StartException($"the remembered lease cannot be read: {e.Message}; move the file away to start without it", e);
        }
    }

    private static void CheckClusterFiles(NodePlan plan)
    {
        if (plan.Seat is null)
        {
            if (plan.Options.Bootstrap)
                throw new UsageException("--bootstrap: this host is not one of the seeds, which alone form the cluster");
            return;
        }
        try
        {
            plan.ClusterFiles.LoadId();
            plan.ClusterFiles.LoadVote(TimeSpan.Zero);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new StartException(e.Message, e);
        }
    }

    internal static string CannotBeApart(NetworkConfig network) =>
        $"--bridge: keeps a network apart only where its packets come in by a device of its own: Backend.Type vxlan without DirectRouting, or udp, not {network.BackEnd.Type}{(network.BackEnd is VxlanConfig ? " with it" : "")}";

    private static void CheckBackEnd(NetworkConfig network)
    {
        if (!BackEndRegistry.Knows(network.BackEnd.Type))
            throw new StartException($"Backend.Type '{network.BackEnd.Type}': this release has {string.Join(", ", BackEndRegistry.Names)}");
    }

    /// <summary>unix(7): sun_path has 108 octets, the last of them 0.</summary>
    private static void CheckSocketPath(string path)
    {
        int octets = System.Text.Encoding.UTF8.GetByteCount(path);
        if (octets > 107)
            throw new StartException($"--run-dir: the socket {path} would have a name of {octets} octets; the kernel takes 107");
    }

    private static void CheckPort(IPAddress address, int port)
    {
        try
        {
            using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(address, port));
        }
        catch (SocketException e)
        {
            throw new StartException($"port {port} on {address}: {(e.SocketErrorCode == SocketError.AddressAlreadyInUse ? "in use; is a node running already? (each network needs a --port of its own)" : e.Message)}", e);
        }
    }
}
