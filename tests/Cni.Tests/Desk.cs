using System.Text;
using System.Text.Json.Nodes;

namespace AkkaOverlay.Cni.Tests;

/// <summary>
/// The plugin in this process, with a directory of its own for subnet.env, state and delegates: shell scripts that write down what they were given.
/// </summary>
internal sealed class Desk : IDisposable
{
    public const string Result = """{"cniVersion":"1.0.0","interfaces":[],"ips":[{"address":"10.244.1.2/24"}]}""";

    /// <summary>Of plugins before 1.6.</summary>
    public const string Before11 = """{"cniVersion":"1.0.0","supportedVersions":["0.3.1","0.4.0","1.0.0"]}""";

    public const string With11 = """{"cniVersion":"1.1.0","supportedVersions":["1.0.0","1.1.0"]}""";

    private readonly string root = Directory.CreateTempSubdirectory("akka-overlay-cni-").FullName;

    public Desk(string versions = Before11)
    {
        Directory.CreateDirectory(PluginDirectory);
        WriteSubnet();
        Fake("bridge", $"echo '{Result}'", versions);
        Environment = new Dictionary<string, string>
        {
            ["PATH"] = "/usr/bin:/bin",
            ["CNI_COMMAND"] = "ADD",
            ["CNI_CONTAINERID"] = "c1",
            ["CNI_NETNS"] = "/run/netns/none",
            ["CNI_IFNAME"] = "eth0",
            ["CNI_PATH"] = $"{root}/nowhere:{PluginDirectory}",
            ["ODD"] = "kept",
        };
        Conf = new JsonObject
        {
            ["cniVersion"] = "1.0.0",
            ["name"] = "net1",
            ["type"] = "akka-overlay-cni",
            ["subnetFile"] = SubnetFile,
            ["dataDir"] = DataDirectory,
            ["delegate"] = new JsonObject { ["isDefaultGateway"] = true },
        };
    }

    public Dictionary<string, string> Environment { get; }

    public JsonObject Conf { get; }

    public string SubnetFile => Path.Combine(root, "subnet.env");

    public string DataDirectory => Path.Combine(root, "data");

    public string PluginDirectory => Path.Combine(root, "bin");

    public string StateFile => Path.Combine(DataDirectory, "net1", "c1:eth0");

    /// <summary>The commands that delegates were run with, in order; VERSION is left out.</summary>
    public IReadOnlyList<string> Commands => Calls().Where(call => call != "VERSION").ToList();

    public static string SubnetEnvOf(string subnet = "10.244.1.1/24") => $"FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET={subnet}\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n";

    public void WriteSubnet(string? content = null) => File.WriteAllText(SubnetFile, content ?? SubnetEnvOf());

    /// <summary>A delegate that writes down its command, environment and input, and then does what <paramref name="body"/> says.</summary>
    public void Fake(string name, string body, string versions = Before11)
    {
        string file = Path.Combine(PluginDirectory, name);
        File.WriteAllText(file, $"""
            #!/bin/sh
            if [ "$CNI_COMMAND" = VERSION ]; then echo '{versions}'; exit 0; fi
            echo "$CNI_COMMAND" >> {root}/calls
            env > {root}/env.$CNI_COMMAND
            cat > {root}/stdin.$CNI_COMMAND
            {body}

            """);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>What the delegate got on its standard input.</summary>
    public JsonObject Given(string command) => JsonNode.Parse(File.ReadAllText(Path.Combine(root, $"stdin.{command}")))!.AsObject();

    public IReadOnlyList<string> GivenEnvironment(string command) => File.ReadAllLines(Path.Combine(root, $"env.{command}"));

    public Answer Call(string? command = null) => CallWith(Encoding.UTF8.GetBytes(Conf.ToJsonString()), command);

    public Answer CallWith(byte[] input, string? command = null)
    {
        if (command is not null)
            Environment["CNI_COMMAND"] = command;
        using var output = new MemoryStream();
        using var log = new StringWriter();
        using var given = new MemoryStream(input);
        int status = Plugin.Run(Environment, given, output, log);
        return new Answer(status, Encoding.UTF8.GetString(output.ToArray()), log.ToString());
    }

    /// <summary>Nothing was made: no delegate was run, no state is saved.</summary>
    public void MustBeUntouched()
    {
        Assert.Empty(Calls());
        Assert.False(Directory.Exists(DataDirectory));
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    private string[] Calls() => File.Exists(Path.Combine(root, "calls")) ? File.ReadAllLines(Path.Combine(root, "calls")) : [];
}
