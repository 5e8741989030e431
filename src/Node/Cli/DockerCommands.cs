using System.Collections;
using System.CommandLine;
using AkkaOverlay.Node.Docker;
using AkkaOverlay.Node.Options;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Cli;

/// <summary>Docker on an overlay host: <c>docker-opts</c> tells it its bridge's subnet, <c>docker-rules</c> lets the overlay pass its firewall.</summary>
internal static class DockerCommands
{
    private const string DefaultOptionsFile = "/run/docker_opts.env", DefaultDaemonJson = "/etc/docker/daemon.json", DefaultKey = "DOCKER_OPTS";

    public static Command Options()
    {
        var subnetEnv = new Option<string>("--subnet-file", "-f") { Description = "subnet.env to read (<run-dir>/subnet.env).", HelpName = "FILE" };
        var file = new Option<string>("--docker-env", "-d") { Description = "File to write.", HelpName = "FILE", DefaultValueFactory = _ => DefaultOptionsFile };
        var individual = new Option<bool>("--individual", "-i") { Description = "A variable for each option: DOCKER_OPT_BIP, DOCKER_OPT_IPMASQ, DOCKER_OPT_MTU." };
        var combined = new Option<bool>("--combined", "-c") { Description = "One variable with all options. Without -i and -c: both." };
        var noMasq = new Option<bool>("--no-ip-masq", "-m") { Description = "Say nothing of ip-masq." };
        var key = new Option<string>("--key", "-k") { Description = "Name of the variable with all options.", HelpName = "NAME", DefaultValueFactory = _ => DefaultKey };
        var daemonJson = new Option<string?>("--daemon-json")
        {
            Description = $"Set bip, mtu and ip-masq in Docker's configuration ({DefaultDaemonJson}) instead; everything else in it stays.",
            HelpName = "FILE",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var runDirectory = Output.RunDirectory();
        var command = new Command("docker-opts", "Write options for dockerd from subnet.env, as flannel's mk-docker-opts.sh does.")
        {
            Output.Network, subnetEnv, file, individual, combined, noMasq, key, daemonJson, runDirectory,
        };
        command.SetAction(parsed =>
        {
            Option<string?>[] paths = [file!, daemonJson];
            if (paths.FirstOrDefault(path => parsed.GetValue(path) is "") is { } empty)
                throw new UsageException($"{empty.Name} '': must not be empty");
            bool intoJson = parsed.GetResult(daemonJson) is { Implicit: false };
            if (intoJson && new Option[] { file, individual, combined, key }.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } other)
                throw new UsageException($"{other.Name}: not with --daemon-json");
            string name = parsed.GetValue(key)!;
            if (!IsVariable(name))
                throw new UsageException($"--key '{name}': not the name of a variable");
            var options = Read(Directories(parsed, subnetEnv, runDirectory).SubnetFile, !parsed.GetValue(noMasq), out var content);
            OwnSubnetRoute.Refuse(content.Bridge!.Value);
            if (intoJson)
                return SetDaemonJson(parsed.GetValue(daemonJson) ?? DefaultDaemonJson, options);
            bool both = !parsed.GetValue(individual) && !parsed.GetValue(combined);
            DockerFiles.WriteOptions(
                parsed.GetValue(file)!, options.Format(Variables(), both || parsed.GetValue(individual), both || parsed.GetValue(combined) ? name : null));
            return 0;
        });
        return command;
    }

    public static Command Rules()
    {
        var subnetEnv = new Option<string>("--subnet-file", "-f") { Description = "subnet.env to read (<run-dir>/subnet.env).", HelpName = "FILE" };
        var remove = new Option<bool>("--remove") { Description = "Take the network's rules away again." };
        var runDirectory = Output.RunDirectory();
        var command = new Command("docker-rules", "Let the overlay pass Docker's own firewall: three rules in the chains where Docker drops and masquerades. Docker must run.")
        {
            Output.Network, subnetEnv, remove, runDirectory,
        };
        command.SetAction(parsed =>
        {
            var directories = Directories(parsed, subnetEnv, runDirectory);
            // Under another network's name they would stand in the place of that one's.
            if (NodeDirectories.OwnerOf(directories.SubnetFile) is { } owner && owner != directories.Network)
                throw new UsageException($"{directories.SubnetFile}: this is the subnet of {owner}, and these would be the rules of {directories.Network}: --network says whose they are");
            var firewall = DockerFirewall.Of(directories.Network);
            var (done, errors) = parsed.GetValue(remove) ? firewall.Remove() : (firewall.Ensure(SubnetEnvFile.Read(directories.SubnetFile)), []);
            foreach (string line in done)
                Console.WriteLine(line);
            return errors.Count == 0 ? 0 : throw new StartException(string.Join("; ", errors));
        });
        return command;
    }

    private static int SetDaemonJson(string file, DockerOptions options)
    {
        bool changed = DockerFiles.SetDaemonJson(file, options);
        Console.WriteLine($"{file}: {(changed ? "set" : "has")} {string.Join(' ', options.Variables().Select(option => option.Value))}{(changed ? "; restart Docker" : "")}");
        return 0;
    }

    private static DockerOptions Read(string file, bool saysIpMasq, out SubnetEnvFile content)
    {
        content = SubnetEnvFile.Read(file);
        try
        {
            return DockerOptions.From(content, saysIpMasq);
        }
        catch (FormatException e)
        {
            throw new StartException($"{file}: {e.Message}", e);
        }
    }

    /// <summary>Which network, and where its node has subnet.env: node.json and the environment may say so too. With -f nothing else is needed.</summary>
    private static NodeDirectories Directories(ParseResult parsed, Option<string> subnetFile, Option<string> runDirectory)
    {
        string[]? Typed(Option<string?> option) => parsed.GetResult(option) is { Implicit: false } ? [parsed.GetValue(option) ?? ""] : null;
        string[]? OfSpec(OptionSpec spec) => spec.Name switch
        {
            "network" => Typed(Output.Network),
            "run-dir" => Typed(runDirectory!),
            "subnet-file" => Typed(subnetFile!),
            _ => null,
        };
        return NodeDirectories.From(Typed(subnetFile!) is null
            ? RunOptions.Gather(OfSpec, Environment.GetEnvironmentVariable)
            : OptionSources.Gather(NodeDirectories.Specs, OfSpec, Environment.GetEnvironmentVariable, nodeFile: ""));
    }

    private static bool IsVariable(string name) => name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => c == '_' || char.IsAsciiLetterOrDigit(c));

    private static Dictionary<string, string> Variables() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "");
}
