using System.Collections.Immutable;

namespace AkkaOverlay.Actors.CloudRoutes;

/// <summary>What came of one pass.</summary>
/// <param name="InPlace">Every route of this host was read back, and nothing is in its way.</param>
/// <param name="Detail">For an operator, one line.</param>
/// <param name="Troubles">Each one line.</param>
/// <param name="Done">Changes that the cloud took, in words.</param>
public sealed record CloudOutcome(bool InPlace, string Detail, ImmutableArray<string> Troubles, ImmutableArray<string> Done);

/// <summary>
/// Makes the cloud's routes what this host wants: read, compare, change, and read again until there is nothing to change. A change whose answer was lost is not
/// repeated: the next reading shows whether it was made. No actor's thread runs in here.
/// </summary>
/// <param name="wait">Waits between two tries.</param>
public sealed class CloudReconciler(ICloudRoutes cloud, CloudBackoff backoff, Func<TimeSpan, CancellationToken, Task> wait)
{
    /// <summary>Tries in one pass; the next pass begins with a fresh look some time later.</summary>
    public const int MostTries = 6;

    /// <exception cref="OperationCanceledException">Another goal came.</exception>
    public async Task<CloudOutcome> RunAsync(CloudGoal goal, bool mayRemove, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(goal);
        var refused = new Dictionary<CloudCall, string>();
        var done = new List<CloudCall>();
        for (int failures = 0; ;)
        {
            string trouble;
            try
            {
                var view = await cloud.ReadAsync(goal, cancel);
                var plan = CloudPlan.Make(goal, view, mayRemove);
                var calls = plan.Calls.Where(call => !refused.ContainsKey(call)).ToList();
                if (calls.Count == 0)
                    return Outcome(goal, view, plan, refused.Values, done);
                // Taken, and not to be seen yet: the cloud's left hand does not know at once what the right one did.
                var unseen = calls.Find(done.Contains);
                if (unseen is null)
                {
                    await Apply(calls, refused, done, cancel);
                    continue;
                }
                trouble = $"{unseen}: the cloud took it and does not show it yet";
            }
            catch (CloudException e) when (e.Trouble == CloudTrouble.Passing)
            {
                trouble = e.Message;
            }
            catch (CloudException e)
            {
                return new CloudOutcome(false, e.Message, [e.Message], Words(done));
            }
            if (++failures == MostTries)
                return new CloudOutcome(false, trouble, [.. refused.Values, trouble], Words(done));
            await wait(backoff.After(failures), cancel);
        }
    }

    private async Task Apply(List<CloudCall> calls, Dictionary<CloudCall, string> refused, List<CloudCall> done, CancellationToken cancel)
    {
        foreach (var call in calls)
        {
            try
            {
                await cloud.ApplyAsync(call, cancel);
                done.Add(call);
            }
            catch (CloudException e) when (e.Trouble != CloudTrouble.Passing)
            {
                refused[call] = e.Message;
            }
        }
    }

    private static CloudOutcome Outcome(CloudGoal goal, CloudView view, CloudPlan plan, IEnumerable<string> refused, List<CloudCall> done)
    {
        ImmutableArray<string> troubles = [.. refused.Distinct(), .. plan.Conflicts, .. plan.Waiting];
        bool isSet = goal.Own.Count == 0 || view.Tables.Length > 0;
        string subnets = goal.Own.Count == 0 ? "none is left" : $"{string.Join(" and ", goal.Own)} -> {view.Me} in {string.Join(", ", view.Tables)}";
        // What stays of others is told, and costs this host nothing.
        bool inPlace = isSet && plan.Conflicts.IsEmpty && plan.Waiting.IsEmpty && plan.Calls.All(call => call is CloudCall.Delete old && goal.Own.Count > 0 && old.Old.Target != CloudTarget.Here);
        return new CloudOutcome(inPlace, inPlace ? subnets : troubles.FirstOrDefault() ?? "no route table", troubles, Words(done));
    }

    private static ImmutableArray<string> Words(List<CloudCall> done) => [.. done.Select(call => call.ToString())];
}
