using System.Diagnostics;
using System.Globalization;
using AkkaOverlay.EndToEnd.Tests;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.BackEndMatrix;

/// <summary>The life of one back end in one lab, told by columns: what stands comes first, then what breaks, and at the end a host leaves.</summary>
internal sealed class Scenario(OverlayLab lab, BackEndCase of, MatrixKernel kernel, RowTrial trial)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20) * Slowness;

    /// <summary>Less than the minute after which all is compared anyway: what is back by then was seen to go.</summary>
    private static readonly TimeSpan ByEvent = TimeSpan.FromSeconds(5) * Slowness;

    /// <summary>For a back end whose packets stop with the process.</summary>
    private static readonly TimeSpan Interruption = TimeSpan.FromSeconds(10) * Slowness;

    private readonly Traffic traffic = new(lab.Hosts, of.EachIsIPv6);

    /// <summary>Tries every column in a lab of its own.</summary>
    /// <returns>What was seen, and a line for each failure.</returns>
    public static async Task<(MatrixRow Row, IReadOnlyList<string> Failures)> RunAsync(BackEndCase of, MatrixKernel kernel, ITestOutputHelper output)
    {
        var trial = new RowTrial(of, kernel, output);
        using var lab = OverlayLab.Prepare(output, kernel.Hosts, of.NetConf);
        var scenario = new Scenario(lab, of, kernel, trial);
        if (await trial.Check("start", scenario.StartAsync))
            await scenario.TryAllAsync();
        if (trial.Failures.Count > 0)
            lab.PrintLogs();
        return (trial.Row, trial.Failures);
    }

    private async Task StartAsync()
    {
        if (of.Prepare is not null)
            await of.Prepare(lab);
        foreach (var host in lab.Hosts)
        {
            host.Start();
            // Those that start at once on emulated processors keep each other waiting.
            if (Slowness > 1)
                await host.WaitReadyAsync(Patience * 2);
        }
        await lab.WaitReadyAsync();
    }

    private async Task TryAllAsync()
    {
        await trial.Try(Column.Ping, async () => await traffic.PassesAsync(Patience));
        await trial.Check("layout", LayoutAsync);
        await trial.Try(Column.FullSize, FullSizeAsync);
        await trial.Try(Column.Tcp, TcpAsync);
        if (of.SeenElsewhere is not null)
            return;
        await trial.Try(Column.Repair, RepairAsync);
        await RestartAsync();
        await trial.Check("layout after a restart", LayoutAsync);
        await trial.Try(Column.HostLeave, LeaveAsync);
    }

    private Task LayoutAsync() => of.Layout?.Invoke(lab) ?? Task.CompletedTask;

    private async Task FullSizeAsync()
    {
        int mtu = int.Parse((await File.ReadAllLinesAsync(lab[1].SubnetFile)).Single(line => line.StartsWith("FLANNEL_MTU=", StringComparison.Ordinal)).Split('=')[1], CultureInfo.InvariantCulture);
        foreach (bool ipv6 in of.EachIsIPv6)
        {
            int payload = mtu - (ipv6 ? 48 : 28);
            var whole = await PingOnceAsync(payload, ipv6);
            if (whole.ExitCode != 0)
                throw new InvalidOperationException($"{mtu} octets do not pass: {whole.Output}{whole.Error}");
            var longer = await PingOnceAsync(payload + 1, ipv6);
            if (longer.ExitCode == 0 || !$"{longer.Output}{longer.Error}".Contains("message too long", StringComparison.OrdinalIgnoreCase))
                throw new InvalidOperationException($"{mtu + 1} octets are not refused at home: {longer}");
        }
    }

    /// <summary>With Don't Fragment.</summary>
    private Task<CommandResult> PingOnceAsync(int payload, bool ipv6) => Command.Run(
        lab[1].Container, "ping", "-M", "do", "-c", "1", "-W", "10", "-s", payload.ToString(CultureInfo.InvariantCulture), lab[2].Container(ipv6).ToString());

    private async Task TcpAsync()
    {
        foreach (bool ipv6 in of.EachIsIPv6)
            await TcpTransfer.RunAsync(lab[1], lab[2], ipv6, kernel.TcpOctets, Patience);
        if (!kernel.HasNetem)
            return;
        await using var bad = await BadUnderlay.MakeAsync(lab.Hosts);
        foreach (bool ipv6 in of.EachIsIPv6)
            await TcpTransfer.RunAsync(lab[1], lab[2], ipv6, kernel.TcpOctets, Patience * 2);
    }

    /// <summary>Twice with three hosts: of <c>auto</c>'s pairs one goes by a tunnel, the other by a route.</summary>
    private async Task RepairAsync()
    {
        var pairs = new[] { (From: lab[1], To: lab[2]), (From: lab.Hosts[^2], To: lab.Hosts[^1]) };
        var ways = pairs.SelectMany(_ => of.EachIsIPv6, (pair, ipv6) => Breakage.OfAsync(pair.From, pair.To, ipv6));
        var hops = await HopsAsync(pairs);
        var breakages = (await Task.WhenAll(ways)).Distinct().ToList();
        long began = Stopwatch.GetTimestamp();
        foreach (var breakage in breakages)
            await breakage.Host.Do(breakage.Line);
        await traffic.PassesAsync(ByEvent);
        await Eventually("packets go as before", async () => (await HopsAsync(pairs)).SequenceEqual(hops), ByEvent);
        lab.Measured($"{of.Name}: {string.Join(", ", breakages)}: packets pass again after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms, the commands included");
        foreach (var breakage in breakages)
            Assert.True(await breakage.WasGoneAsync(), $"{breakage}: it is the same device");
        foreach (var host in lab.Hosts)
            await Eventually($"every object of {host.Name} is as wanted", async () => (await host.Api.ObjectsAsync()).All(item => item.State == "ok"), Patience);
    }

    private async Task<IReadOnlyList<Hop>> HopsAsync(IReadOnlyList<(LabHost From, LabHost To)> pairs) =>
        await Task.WhenAll(pairs.SelectMany(_ => of.EachIsIPv6, (pair, ipv6) => Hop.OfAsync(pair.From, pair.To, ipv6)));

    /// <summary>Of some pairs one end is killed, of others both; meanwhile somebody leaves what a peer would have left that is no more.</summary>
    private async Task RestartAsync()
    {
        var killed = lab.Hosts.Skip(1).ToList();
        IReadOnlyList<StalePeer> stale = [];
        IReadOnlyList<string> before = [], devices = [];
        await trial.Check("before the restart", async () =>
        {
            before = await AllSubnetsAsync(killed);
            devices = await DevicesAsync(killed[0]);
            if (of.Impossible.Contains(Column.StaleSweep))
                return;
            stale = [.. (await Task.WhenAll(of.EachIsIPv6.Select(ipv6 => Hop.OfAsync(killed[0], lab[1], ipv6)))).Select(hop => new StalePeer(killed[0], hop))];
        });
        using var pings = traffic.Ping(kernel.PingInterval);
        Task planting = Task.FromException(new InvalidOperationException("nothing was planted"));
        await trial.Try(Column.PeerRestart, async () =>
        {
            foreach (var host in killed)
            {
                host.Kill();
                await host.WaitForExitAsync();
            }
            planting = PlantAsync(stale);
            await Task.WhenAny(planting);
            foreach (var host in killed)
                host.Start();
            await lab.WaitReadyAsync();
            Assert.Equal(before, await AllSubnetsAsync(killed));
            await traffic.PassesAsync(Patience);
        });
        await trial.Try(Column.StaleSweep, async () =>
        {
            await planting;
            Assert.NotEmpty(stale);
            foreach (var peer in stale)
                await Eventually($"{killed[0].Name} has swept what a peer left that is no more", async () => (await peer.RemainsAsync()).Count == 0, Patience);
        });
        await trial.Try(Column.RestartWithoutLoss, async () =>
        {
            var seen = await pings.StopAsync();
            lab.Measured($"{of.Name}: kill -9 and restart of {string.Join(" and ", killed.Select(host => host.Name))}: {seen}");
            Assert.True(seen.Sent > 0);
            if (of.NotApplicable.ContainsKey(Column.RestartWithoutLoss) ? seen.LongestGap > Interruption : seen.Lost > 0)
                throw new InvalidOperationException(seen.ToString());
            Assert.Equal(devices, await DevicesAsync(killed[0]));
        });
    }

    private static async Task PlantAsync(IReadOnlyList<StalePeer> stale)
    {
        foreach (var peer in stale)
        {
            await peer.PlantAsync();
            Assert.NotEmpty(await peer.RemainsAsync());
        }
    }

    private static async Task<IReadOnlyList<string>> AllSubnetsAsync(IReadOnlyList<LabHost> hosts) =>
        [.. (await Task.WhenAll(hosts.Select(host => host.SubnetsAsync()))).SelectMany(subnets => subnets)];

    /// <summary>The tunnels, by index and name: one that was made anew has another index.</summary>
    private static async Task<IReadOnlyList<string>> DevicesAsync(LabHost host) =>
        [.. (await Ip(host, "link", "show")).EnumerateArray().Select(link => $"{link.GetProperty("ifindex")} {link.GetProperty("ifname")}").Where(link => link.Contains("flannel", StringComparison.Ordinal))];

    private static async Task<IReadOnlyList<string>> TunnelMacsAsync(LabHost host) =>
        [.. (await Ip(host, "link", "show")).EnumerateArray()
            .Where(link => link.GetProperty("ifname").GetString()!.StartsWith("flannel", StringComparison.Ordinal) && link.TryGetProperty("address", out _))
            .Select(link => link.GetProperty("address").GetString()!)];

    /// <summary>Told by another host, as <c>cluster leave</c> does.</summary>
    private async Task LeaveAsync()
    {
        var (gone, others) = (lab.Hosts[^1], lab.Hosts.SkipLast(1).ToList());
        string[] traces = [.. (await gone.SubnetsAsync()).Select(subnet => subnet.Split('/')[0]), $"{gone.UnderlayAddress}", $"{gone.UnderlayAddress6}", .. await TunnelMacsAsync(gone)];
        string[] ofOthers = [.. (await AllSubnetsAsync(others)).Select(subnet => subnet.Split('/')[0])];
        // A node that was killed is a member again a moment after it is ready.
        await Eventually("all are members", async () => await lab[1].Api.MembersAsync() is { Unreachable.Count: 0 } seen && seen.Members.Count(member => member.Status == "Up") == lab.Hosts.Count, Patience * 2);
        using var pings = new Traffic(others, of.EachIsIPv6).Ping(kernel.PingInterval);
        using (var api = new ApiClient(ApiSocket.PathIn(lab[1].RunDirectory), Patience))
            await api.LeaveAsync($"{gone.UnderlayAddress}:4053");
        foreach (var host in others)
        {
            IReadOnlyList<string> left = [];
            try
            {
                await Eventually("", async () => (left = await KernelTables.LinesWithAsync(host, traces)).Count == 0 && (await host.Api.PeersAsync()).DistinctBy(peer => peer.Node).Count() == others.Count - 1, Patience);
            }
            catch (TimeoutException)
            {
                throw new TimeoutException($"{host.Name} still has, after {Patience.TotalSeconds} s: {string.Join("; ", left)}, and {(await host.Api.PeersAsync()).Count} peers");
            }
        }
        using var patience = new CancellationTokenSource(Patience);
        Assert.Equal(0, await gone.WaitForExitAsync(patience.Token));
        Assert.Empty(await DevicesAsync(gone));
        Assert.Equal("", await gone.Do("ip route show proto 77"));
        // Commands of an operator may outlive the node.
        await Eventually($"{gone.Name} has no way to the others any more", async () => (await KernelTables.LinesWithAsync(gone, ofOthers)).Count == 0, Patience);
        var seen = await pings.StopAsync();
        Assert.True(seen.Sent > 0 || others.Count == 1);
        if (seen.Lost > 0)
            throw new InvalidOperationException($"between the others: {seen}");
    }
}
