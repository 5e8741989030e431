using System.Text.Json;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>
/// docker/, as far as it can be had without a registry: the run stage of the Dockerfile with the root that its build stage would make, from this distribution's
/// packages, and the compose files word for word.
/// </summary>
public sealed class DockerImageSpecs(ITestOutputHelper output)
{
    private const string Image = "akka-overlay-lab", PodImage = "busybox-lab";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [ComposeFact]
    public async Task Three_hosts_of_the_demonstration_ping_each_others_pods_with_the_capabilities_of_the_compose_file()
    {
        using var lab = Prepare(output, 1);
        using var docker = DockerDaemon.Of(lab[1]);
        await docker.StartAsync();
        await BuildImage(lab[1], docker);
        await docker.ImportBusybox(PodImage);
        string file = Repository.File("docker/compose.demo.yaml");
        var environment = new Dictionary<string, string> { ["IMAGE"] = Image, ["POD_IMAGE"] = PodImage };
        try
        {
            await Compose(docker, file, environment, "up", "-d");
            await Eventually("three hosts are healthy", async () =>
            {
                string[] health = await Task.WhenAll(Enumerable.Range(1, 3).Select(index => Inspect(docker, $"host{index}", "{{.State.Health.Status}}")));
                return health.All(state => state == "healthy");
            }, Patience, TimeSpan.FromMilliseconds(500));
            for (int index = 1; index <= 3; index++)
            {
                // What the kernel says, and not what was asked for: CAP_NET_ADMIN (12) alone.
                string status = (await docker.Ask("exec", await Id(docker, $"pod{index}"), "sh", "-c", "true")) + await StatusOf(docker, $"host{index}");
                Assert.Contains("CapEff:\t0000000000001000", status, StringComparison.Ordinal);
                Assert.Contains("CapBnd:\t0000000000001000", status, StringComparison.Ordinal);
            }
            string[] pods = await Task.WhenAll(Enumerable.Range(1, 3).Select(index => PodAddress(docker, index)));
            Assert.Equal(3, pods.Distinct().Count());
            for (int from = 1; from <= 3; from++)
            {
                foreach (string to in pods.Where((_, index) => index != from - 1))
                {
                    var ping = await docker.Run("exec", await Id(docker, $"pod{from}"), "ping", "-c", "3", "-W", "2", "-I", pods[from - 1], to);
                    Assert.True(ping.ExitCode == 0 && ping.Output.Contains(" 0% packet loss", StringComparison.Ordinal), ping.ToString());
                }
            }
            var peers = JsonDocument.Parse(await docker.Ask("exec", await Id(docker, "host1"), "/usr/bin/akka-overlay", "peers", "--json")).RootElement;
            Assert.Equal(["ok", "ok"], peers.EnumerateArray().Select(peer => peer.GetProperty("state").GetString()!));
            // No shell.
            Assert.NotEqual(0, (await docker.Run("exec", await Id(docker, "host1"), "/bin/sh", "-c", "true")).ExitCode);
            output.WriteLine($"measured: the image has {long.Parse(await docker.Ask("image", "inspect", "--format", "{{.Size}}", Image), System.Globalization.CultureInfo.InvariantCulture) / 1e6:0} MB");
        }
        catch
        {
            for (int index = 1; index <= 3; index++)
                output.WriteLine($"---- host{index}: {await Inspect(docker, $"host{index}", "{{json .State}}")}\n{(await docker.Run("logs", "--tail", "40", await Id(docker, $"host{index}"))).ToString()}");
            throw;
        }
    }

    [ComposeFact]
    public async Task On_the_hosts_own_network_the_container_makes_the_hosts_devices()
    {
        using var lab = Prepare(output, 1);
        using var docker = DockerDaemon.Of(lab[1]);
        await docker.StartAsync();
        await BuildImage(lab[1], docker);
        string config = Directory.CreateDirectory(Path.Combine(lab[1].StateDirectory, "etc")).FullName;
        await File.WriteAllTextAsync(Path.Combine(config, "net-conf.json"), Vxlan);
        var environment = new Dictionary<string, string>
        {
            ["IMAGE"] = Image,
            ["SEEDS"] = lab[1].UnderlayAddress.ToString(),
            ["IFACE"] = "eth0",
            ["CONFIG"] = config,
            ["STATE"] = lab[1].StateDirectory,
            ["RUN"] = lab[1].RunDirectory,
        };
        string file = Repository.File("docker/compose.yaml");
        await Compose(docker, file, environment, "up", "-d");
        string id = await Id(docker, "akka-overlay");
        try
        {
            // Asked through the socket that the container shares with its host.
            await Eventually("the node is ready", async () => (await lab[1].Api.ReadyAsync()).Ready, Patience, TimeSpan.FromMilliseconds(500));
            Assert.Equal(0, (await docker.Run("exec", id, "/usr/bin/akka-overlay", "status", "--exit-code")).ExitCode);
            Assert.Equal(0, (await Command.Run(lab[1].Host, "ip", "link", "show", "flannel.1")).ExitCode);
            Assert.Equal(0, (await Command.AkkaOverlay("docker-opts", "--run-dir", lab[1].RunDirectory, "-d", Path.Combine(config, "docker_opts.env"))).ExitCode);
            Assert.Contains("CapEff:\t0000000000001000", await StatusOf(docker, "akka-overlay"), StringComparison.Ordinal);
            // SIGTERM and a clean end; the kernel's objects stay.
            await docker.Ask("stop", id);
            Assert.Equal("0", await docker.Ask("inspect", "--format", "{{.State.ExitCode}}", id));
            Assert.Equal(0, (await Command.Run(lab[1].Host, "ip", "link", "show", "flannel.1")).ExitCode);
        }
        catch
        {
            output.WriteLine((await docker.Run("logs", "--tail", "40", id)).ToString());
            throw;
        }
    }

    /// <summary>The Dockerfile's last stage with the root that make-root.sh gathers here.</summary>
    private static async Task BuildImage(LabHost host, DockerDaemon docker)
    {
        string context = Directory.CreateDirectory(Path.Combine(host.StateDirectory, "context")).FullName;
        var made = await Command.Run(null, Repository.File("docker/make-root.sh"), Path.GetDirectoryName(Command.Executable)!, Path.Combine(context, "root-of-image"));
        Assert.True(made.ExitCode == 0, made.ToString());
        string[] lines = await File.ReadAllLinesAsync(Repository.File("docker/Dockerfile"));
        int run = Array.IndexOf(lines, "FROM scratch");
        Assert.True(run > 0);
        string stage = string.Join('\n', lines[run..]).Replace("COPY --from=build /root-of-image/ /", "COPY root-of-image/ /", StringComparison.Ordinal);
        Assert.DoesNotContain("--from", stage, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(context, "Dockerfile"), stage + "\n");
        // The distribution has no buildx.
        var built = await Command.Run(null, "env", "DOCKER_BUILDKIT=0", "docker", "--host", $"unix://{docker.Socket}", "build", "--tag", Image, context);
        Assert.True(built.ExitCode == 0, built.ToString());
        Directory.Delete(context, recursive: true);
    }

    private static async Task Compose(DockerDaemon docker, string file, Dictionary<string, string> environment, params string[] arguments)
    {
        var result = await Command.Run(null, "env", [.. environment.Select(variable => $"{variable.Key}={variable.Value}"), $"DOCKER_HOST=unix://{docker.Socket}", "COMPOSE_PROJECT_NAME=lab", .. ComposeFactAttribute.Program!, "-f", file, .. arguments]);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    private static Task<string> Id(DockerDaemon docker, string service) => docker.Ask("ps", "--all", "--quiet", "--filter", $"label=com.docker.compose.service={service}");

    private static async Task<string> Inspect(DockerDaemon docker, string service, string format) => await docker.Ask("inspect", "--format", format, await Id(docker, service));

    /// <summary>proc_pid_status(5) of the node inside, seen from its own /proc: it has no shell that could print it.</summary>
    private static async Task<string> StatusOf(DockerDaemon docker, string service)
    {
        string id = await Id(docker, service);
        string key = $"/{id}";
        // The container's id is in its processes' cgroup; dockerd's process namespace hides their ids from dockerd's clients, not from us.
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(process, "cgroup")).Contains(key, StringComparison.Ordinal)
                    && File.ReadAllText(Path.Combine(process, "cmdline")).StartsWith("/usr/bin/akka-overlay\0run", StringComparison.Ordinal))
                    return File.ReadAllText(Path.Combine(process, "status"));
            }
            catch (IOException)
            {
                // It ended.
            }
        }
        throw new InvalidOperationException($"no process of {service} ({id})");
    }

    private static async Task<string> PodAddress(DockerDaemon docker, int index)
    {
        string address = "";
        await Eventually($"pod{index} has its bridge", async () =>
        {
            var shown = await docker.Run("exec", await Id(docker, $"pod{index}"), "sh", "-c", "ip -o -4 addr show dev pods");
            address = shown.Output.Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(word => word.StartsWith("10.244.", StringComparison.Ordinal))?.Split('/')[0] ?? "";
            return address.Length > 0;
        }, TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(300));
        return address;
    }
}
