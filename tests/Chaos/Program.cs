using System.CommandLine;
using AkkaOverlay.Chaos.Check;
using AkkaOverlay.Chaos.History;
using AkkaOverlay.Chaos.Run;
using AkkaOverlay.Node.Lab;

var minutes = new Option<double>("--minutes") { Description = "How long things go wrong.", DefaultValueFactory = _ => 2 };
var seed = new Option<int?>("--seed") { Description = "Makes the same schedule again. [default: a new one, which is printed]" };
var hosts = new Option<int>("--hosts") { Description = "Hosts that keep their lease, the core among them.", DefaultValueFactory = _ => 5 };
var core = new Option<int>("--core") { Description = "1, 3 or 5 of them.", DefaultValueFactory = _ => 3 };
var claimants = new Option<int>("--claimants") { Description = "Further hosts, that join and leave all the time.", DefaultValueFactory = _ => 3 };
var executable = new Option<string?>("--executable") { Description = "The akka-overlay executable. [default: the published one, or the one beside this program]" };
var history = new Option<string?>("--check") { Description = "Only judges this history, which an earlier run has kept." };
var save = new Option<string?>("--save") { Description = "Writes the history there, also where nothing is broken." };
core.Validators.Add(result =>
{
    if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int count) && count is not (1 or 3 or 5))
        result.AddError($"--core must be 1, 3 or 5, not {count}.");
});
hosts.Validators.Add(result =>
{
    if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int count) && count is < 2 or > 50)
        result.AddError($"--hosts must be 2 to 50, not {count}.");
});
var root = new RootCommand("Real nodes in network namespaces under kills, pauses, partitions, power loss and full disks. Exit code 1: a promise is broken, and it says which.")
{
    minutes, seed, hosts, core, claimants, executable, history, save,
};
root.SetAction(async (parsed, cancel) =>
{
    if (parsed.GetValue(history) is { } file)
        return Print(HistoryChecker.Check(HistoryFile.Read(file)));
    var options = new ChaosOptions(
        TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.GetValue(seed) ?? Random.Shared.Next(1, 1_000_000), parsed.GetValue(hosts), parsed.GetValue(core), parsed.GetValue(claimants),
        parsed.GetValue(executable) ?? NodeExecutable.Find());
    if (options.Core > options.Hosts)
    {
        Console.Error.WriteLine($"--core {options.Core} needs as many hosts, not {options.Hosts}");
        return 2;
    }
    Console.WriteLine($"seed {options.Seed}");
    try
    {
        using var run = new ChaosRun(options, Console.WriteLine);
        var result = await run.RunAsync(cancel);
        int code = Print(result.Violations);
        if (parsed.GetValue(save) is { } path)
            HistoryFile.Write(path, result.History);
        foreach (string line in result.Measured())
            Console.WriteLine($"measured: {line}");
        if (result.Kept is { } kept)
            Console.WriteLine($"history and logs are in {kept}");
        return code;
    }
    catch (LabException e)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }
});
return await root.Parse(args).InvokeAsync();

static int Print(IReadOnlyList<Violation> violations)
{
    const int shown = 5;
    foreach (var rule in violations.GroupBy(violation => violation.Rule))
    {
        foreach (var violation in rule.Take(shown))
            Console.WriteLine($"VIOLATION {violation}");
        if (rule.Count() > shown)
            Console.WriteLine($"VIOLATION ... and {rule.Count() - shown} more of \"{rule.Key}\"");
    }
    return violations.Count == 0 ? 0 : 1;
}
