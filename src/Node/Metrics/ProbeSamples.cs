using AkkaOverlay.Actors.Probes;

namespace AkkaOverlay.Node.Metrics;

/// <summary>What the probes say. A host probes some 20 peers and no more, so each path has rows of its own.</summary>
internal static class ProbeSamples
{
    public static void Add(Samples samples, ProbeTable table)
    {
        if (!table.Enabled)
            return;
        foreach (var state in Enum.GetValues<ProbeState>())
            samples.Add(Catalogue.ProbePaths, table.Rows.Count(row => row.State == state), ClusterSamples.Snake(state.ToString()));
        samples.Add(Catalogue.ProbeFailing, table.Failing.Count());
        foreach (var row in table.Failing)
            samples.Add(Catalogue.ProbeProblem, 1, row.Name, row.Address!.ToString(), ClusterSamples.Snake(row.State.ToString()));
        foreach (var row in table.Rows)
        {
            if (row.Loss is { } loss)
                samples.Add(Catalogue.ProbeLoss, loss, row.Name, row.Address!.ToString());
            if (row.RoundTrip is { } time)
                samples.Add(Catalogue.ProbeRoundTrip, time.TotalSeconds, row.Name, row.Address!.ToString());
        }
        samples.Add(Catalogue.ProbePackets, table.Packets.Asked, "question_sent");
        samples.Add(Catalogue.ProbePackets, table.Packets.Answered, "answer_received");
        samples.Add(Catalogue.ProbePackets, table.Packets.Given, "answer_sent");
    }
}
