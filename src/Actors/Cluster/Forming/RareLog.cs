namespace AkkaOverlay.Actors.Cluster.Forming;

/// <summary>Lets one line of each kind through at once, and again only after a while.</summary>
/// <param name="again">How long the same line is kept back.</param>
internal sealed class RareLog(TimeSpan again)
{
    private readonly Dictionary<string, TimeSpan> said = [];

    public bool Says(string line, TimeSpan now)
    {
        if (said.TryGetValue(line, out var before) && now - before < again)
            return false;
        said[line] = now;
        return true;
    }
}
