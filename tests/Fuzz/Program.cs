using System.CommandLine;
using AkkaOverlay.Fuzz.Engine;
using AkkaOverlay.Fuzz.Targets;

var seconds = new Option<double>("--seconds") { Description = "How long, all targets together.", DefaultValueFactory = _ => 60 };
var name = new Option<string?>("--target") { Description = $"Only this one: {string.Join(", ", AllTargets.List.Select(target => target.Name))}." };
var seed = new Option<int?>("--seed") { Description = "Makes the same inputs again. [default: a new one, which is printed]" };
var hex = new Option<string?>("--input") { Description = "Gives the target this one input, as a finding prints it." };
var root = new RootCommand("Feeds every parser of bytes from outside with broken ones. Exit code 1: a finding, which is printed with its input.") { seconds, name, seed, hex };
root.SetAction(parsed =>
{
    var targets = parsed.GetValue(name) is { } wanted ? AllTargets.List.Where(target => target.Name == wanted).ToList() : AllTargets.List;
    if (targets.Count == 0 || (parsed.GetValue(hex) is not null && targets.Count != 1))
    {
        Console.Error.WriteLine($"--target: give one of {string.Join(", ", AllTargets.List.Select(target => target.Name))}");
        return 2;
    }
    if (parsed.GetValue(hex) is { } input)
        return RunOne(targets[0], Convert.FromHexString(input));

    int start = parsed.GetValue(seed) ?? Environment.TickCount;
    int findings = 0;
    foreach (var target in targets)
    {
        // Printed first: a parser that overflows the stack takes this process along, and the seed alone brings the input back.
        Console.WriteLine($"target {target.Name}, seed {start}");
        var result = new Fuzzer(target, start).Run(TimeSpan.FromSeconds(parsed.GetValue(seconds) / targets.Count));
        Console.WriteLine(result);
        if (result.Finding is not { } finding)
            continue;
        findings++;
        Console.WriteLine(finding);
    }
    return findings == 0 ? 0 : 1;
});
return root.Parse(args).Invoke();

static int RunOne(FuzzTarget target, byte[] input)
{
    string? wrong = Harness.Run(target, input, out int outcome);
    Console.WriteLine(wrong ?? (outcome == 0 ? "taken" : "refused as it should be"));
    return wrong is null ? 0 : 1;
}
