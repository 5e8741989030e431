using System.Net;
using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Node.Doctor;

/// <summary>What <c>doctor</c> takes from the options of <c>run</c>, so that the same line serves both; here none is required.</summary>
/// <param name="Seeds">None where none is given.</param>
internal sealed record DoctorOptions(RunOptions Run, IReadOnlyList<SeedEntry> Seeds)
{
    /// <exception cref="UsageException">An option has a bad value.</exception>
    public static DoctorOptions From(IReadOnlyDictionary<string, OptionValue> given)
    {
        if (given.ContainsKey("seed"))
        {
            var run = RunOptions.From(given);
            return new DoctorOptions(run, run.Seeds);
        }
        // Whoever only looks need not say what a node must.
        var filled = new Dictionary<string, OptionValue>(given) { ["seed"] = new OptionValue("--seed", [IPAddress.Loopback.ToString()]) };
        return new DoctorOptions(RunOptions.From(filled), []);
    }
}
