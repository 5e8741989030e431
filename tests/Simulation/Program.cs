using System.CommandLine;
using AkkaOverlay.Simulation.Plan;

var seeds = new Option<int>("--seeds") { Description = "How many.", DefaultValueFactory = _ => 2000 };
var first = new Option<ulong>("--first") { Description = "The first of them.", DefaultValueFactory = _ => 1 };
var seed = new Option<ulong?>("--seed") { Description = "Only this one." };
var trace = new Option<bool>("--trace") { Description = "With --seed: prints what happens." };
var hosts = new Option<int>("--hosts") { Description = "Hosts in each run; 0: the seed decides." };
var chaos = new Option<double>("--chaos") { Description = "Seconds of virtual time in which things go wrong.", DefaultValueFactory = _ => Settings.UsualChaos.TotalSeconds };
var lose = new Option<Loss>("--lose") { Description = $"Disks that are lost in the end, more than may be: {string.Join(", ", Enum.GetNames<Loss>())}." };
var bug = new Option<Bug>("--bug") { Description = $"Plants a mistake: {string.Join(", ", Enum.GetNames<Bug>())}." };
var root = new RootCommand("Runs the lease ledger under virtual time with everything going wrong, and checks its history. Exit code 1: a violation, which is printed with the command that repeats it.")
{
    seeds, first, seed, trace, hosts, chaos, lose, bug,
};
root.SetAction(parsed =>
{
    var settings = new Settings(parsed.GetValue(seed) ?? 0, parsed.GetValue(bug), parsed.GetValue(hosts), TimeSpan.FromSeconds(parsed.GetValue(chaos)), parsed.GetValue(lose));
    if (parsed.GetValue(seed) is not null)
    {
        var outcome = Run.Of(settings, parsed.GetValue(trace) ? Console.WriteLine : null);
        Console.WriteLine(outcome.Stats);
        Console.WriteLine(outcome.Violation ?? "0 violations");
        return outcome.Violation is null ? 0 : 1;
    }
    var campaign = Campaign.Run(settings, parsed.GetValue(first), parsed.GetValue(seeds), stopAtUnsafe: settings.Bug != Bug.None);
    Console.WriteLine(campaign);
    foreach (var failed in campaign.Violations.Take(10))
        Console.WriteLine(Campaign.Describe(failed));
    return campaign.Violations.Count == 0 ? 0 : 1;
});
return root.Parse(args).Invoke();
