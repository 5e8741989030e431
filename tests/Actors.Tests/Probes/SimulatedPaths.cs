using System.Net;
using AkkaOverlay.Actors.Probes;

namespace AkkaOverlay.Actors.Tests.Probes;

/// <summary>A host's probes under virtual time: all of them but actor and sockets.</summary>
/// <param name="arrives">Whether a question is answered: peer, size, when it is asked.</param>
internal sealed class SimulatedPaths(int peers, Func<int, ProbeSize, TimeSpan, bool> arrives, int seed = 1)
{
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(1);

    private readonly ProbeRound round = new();
    private readonly Random random = new(seed);
    private readonly PriorityQueue<(IPEndPoint From, ulong Nonce), TimeSpan> underWay = new();

    public TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(100);

    /// <summary>When each question was sent, to whom, and how large.</summary>
    public List<(TimeSpan At, int Peer, ProbeSize Size)> Asked { get; } = [];

    public IEnumerable<(ProbeTarget Target, ProbePath Path)> Paths => round.Paths;

    public ProbePath this[int peer] => round.Paths.Single(path => path.Target.Member == $"m{peer}").Path;

    public static ProbeTarget Target(int peer) =>
        new($"m{peer}", Samples.Node(peer), $"host{peer}", new IPEndPoint(Samples.Address($"10.244.{peer}.0"), 40_000), Token: 7, FullSize: 1450);

    public SimulatedPaths Begin()
    {
        round.Adopt([.. Enumerable.Range(1, peers).Select(Target)], Now);
        return this;
    }

    public void Adopt(params IReadOnlyCollection<ProbeTarget> targets) => round.Adopt(targets, Now);

    public SimulatedPaths Run(double seconds)
    {
        RunUntil(() => false, seconds);
        return this;
    }

    /// <returns>Seconds until it was so; null where it was not within the time.</returns>
    public double? RunUntil(Func<bool> isSo, double seconds)
    {
        var began = Now;
        var end = Now + TimeSpan.FromSeconds(seconds);
        while (Now < end)
        {
            if (isSo())
                return (Now - began).TotalSeconds;
            Step(end);
        }
        return null;
    }

    /// <summary>The host is stopped: time goes on, and what comes meanwhile is lost.</summary>
    public void StandStill(double seconds)
    {
        Now += TimeSpan.FromSeconds(seconds);
        underWay.Clear();
    }

    private void Step(TimeSpan end)
    {
        round.Look(Now);
        if (round.Turn(Now) is { } target)
            Ask(target);
        var next = round.Wake() is { } wake && wake < end ? wake : end;
        if (underWay.TryPeek(out var answer, out var at) && at <= next)
        {
            underWay.Dequeue();
            Now = at > Now ? at : Now;
            round.Answered(answer.From, answer.Nonce, Now);
            return;
        }
        Now = next > Now ? next : Now + TimeSpan.FromMilliseconds(1);
    }

    private void Ask(ProbeTarget target)
    {
        ulong nonce = (ulong)random.NextInt64();
        int peer = int.Parse(target.Member[1..], System.Globalization.CultureInfo.InvariantCulture);
        var size = round.Asked(target, nonce, Now);
        Asked.Add((Now, peer, size));
        if (arrives(peer, size, Now))
            underWay.Enqueue((target.Remote, nonce), Now + RoundTrip);
    }
}
