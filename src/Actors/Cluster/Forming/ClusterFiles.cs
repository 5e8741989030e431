using System.Globalization;

namespace AkkaOverlay.Actors.Cluster.Forming;

/// <summary>
/// What a core host keeps of its cluster on its disk: the cluster's id for ever, and its last vote, which holds for seconds only but must hold over a restart
/// of the process.
/// </summary>
/// <param name="stateDirectory">Survives a reboot.</param>
/// <param name="bootId">The monotonic clock begins anew with each boot: a vote of an earlier one has run out.</param>
public sealed class ClusterFiles(string stateDirectory, string bootId)
{
    private string IdFile => Path.Combine(stateDirectory, "cluster-id");

    private string VoteFile => Path.Combine(stateDirectory, "cluster-vote");

    /// <returns>Null where this host was never a member of a cluster.</returns>
    /// <exception cref="InvalidDataException">The file holds something else: overwriting it could found a second cluster.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public Guid? LoadId()
    {
        if (!File.Exists(IdFile))
            return null;
        string text = File.ReadAllText(IdFile).Trim();
        return Guid.TryParseExact(text, "D", out var id) && id != Guid.Empty
            ? id
            : throw new InvalidDataException(
                $"{IdFile}: '{(text.Length > 60 ? text[..60] + "…" : text)}' is not a cluster id; restore the file from another core host, or delete it to join as a new one");
    }

    public void SaveId(Guid id) => AtomicFile.Write(IdFile, $"{id:D}\n", durable: true);

    /// <param name="now">Of the machine's monotonic clock.</param>
    /// <returns>The last vote if it was given in this boot. One that cannot be read binds as if it had been given now, to nobody known.</returns>
    public SeatVote? LoadVote(TimeSpan now)
    {
        if (!File.Exists(VoteFile))
            return null;
        string[] parts = File.ReadAllText(VoteFile).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 3 || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds))
            return new SeatVote("", now);
        return parts[2] == bootId ? new SeatVote(parts[0], TimeSpan.FromMilliseconds(milliseconds)) : null;
    }

    public void SaveVote(SeatVote vote) =>
        AtomicFile.Write(VoteFile, string.Create(CultureInfo.InvariantCulture, $"{vote.Candidate} {Math.Ceiling(vote.At.TotalMilliseconds):0} {bootId}\n"), durable: true);
}
