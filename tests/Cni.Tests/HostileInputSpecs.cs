using System.Text;
using CsCheck;

namespace AkkaOverlay.Cni.Tests;

/// <summary>Configurations with octets changed, removed and put in: each gets a result or an error in form, never a crash or silence.</summary>
public sealed class HostileInputSpecs
{
    [Fact]
    public void No_input_goes_without_a_proper_answer()
    {
        using var desk = new Desk();
        // Half of the mutations are still good: what would run then is not what is looked at.
        File.Delete(Path.Combine(desk.PluginDirectory, "bridge"));
        byte[] good = Encoding.UTF8.GetBytes("""
            {"cniVersion":"1.1.0","name":"n","type":"akka-overlay-cni","delegate":{"type":"bridge","mtu":1400},"ipam":{"routes":[{"dst":"10.0.0.0/8"}]},
             "subnetFile":"/nowhere/a","dataDir":"/nowhere/b","runtimeConfig":{"ips":["10.1.1.1"]},"prevResult":{"cniVersion":"1.0.0"},
             "cni.dev/valid-attachments":[{"containerID":"a","ifname":"b"}]}
            """);
        var mutation = Gen.Select(Gen.Int[0, good.Length - 1], Gen.Int[0, 3], Gen.Byte.Array[0, 4]);
        string[] commands = ["ADD", "DEL", "CHECK", "GC", "STATUS"];
        Gen.Select(mutation.List[1, 6], Gen.Int[0, commands.Length - 1]).Sample((mutations, command) =>
        {
            var input = good.ToList();
            foreach (var (at, removed, added) in mutations)
            {
                int start = Math.Min(at, input.Count);
                input.RemoveRange(start, Math.Min(removed, input.Count - start));
                input.InsertRange(start, added);
            }
            var answer = desk.CallWith([.. input], commands[command]);
            return answer.Status == 0 ? answer.Output.Length == 0 : answer.Code is > 0 and < 999;
        }, iter: 20_000, threads: 1);
        Assert.False(Directory.Exists("/nowhere"));
    }
}
