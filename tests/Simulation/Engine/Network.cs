namespace AkkaOverlay.Simulation.Engine;

/// <summary>Loses, delays, reorders and doubles messages, and is cut into parts.</summary>
internal sealed class Network(Timeline timeline, Prng random)
{
    private readonly List<Partition> partitions = [];

    public NetworkWeather Weather { get; set; } = NetworkWeather.Fine;

    public bool IsCut => partitions.Count > 0;

    public void Send(Machine from, Machine to, Action deliver)
    {
        if (from == to)
        {
            timeline.In(TimeSpan.FromMicroseconds(20), () => to.Deliver(deliver));
            return;
        }
        Carry(from, to, deliver);
        if (random.Chance(Weather.Double))
            Carry(from, to, deliver);
    }

    public void Cut(Partition partition) => partitions.Add(partition);

    public void Heal(Partition partition) => partitions.Remove(partition);

    public void HealAll() => partitions.Clear();

    private void Carry(Machine from, Machine to, Action deliver)
    {
        if (random.Chance(Weather.Loss) || partitions.Exists(partition => partition.Blocks(from, to, timeline.Now)))
            return;
        var delay = random.Chance(Weather.Late) ? random.Seconds(0.05, Weather.Latest) : random.Seconds(0.0001, Weather.Usual);
        // A cut that came meanwhile stops what is on its way, too.
        timeline.In(delay, () =>
        {
            if (!partitions.Exists(partition => partition.Blocks(from, to, timeline.Now)))
                to.Deliver(deliver);
        });
    }
}

/// <param name="Loss">Share of messages lost.</param>
/// <param name="Double">Share of messages that come twice.</param>
/// <param name="Late">Share of messages that are late: by up to <paramref name="Latest"/> seconds, behind what was sent after them.</param>
/// <param name="Usual">Seconds, at most.</param>
internal sealed record NetworkWeather(double Loss, double Double, double Late, double Latest, double Usual)
{
    public static readonly NetworkWeather Fine = new(0, 0, 0, 0.1, 0.002);

    public static NetworkWeather Random(Prng random) => new(
        random.Pick([0, 0.01, 0.05, 0.2, 0.4]),
        random.Pick([0, 0.02, 0.1, 0.3]),
        random.Pick([0, 0.02, 0.1, 0.3]),
        random.Pick([0.2, 1, 4, 12.0]),
        random.Pick([0.001, 0.005, 0.05, 0.2]));
}

/// <param name="Inside">Cut off from all others.</param>
/// <param name="Out">Nothing gets out.</param>
/// <param name="In">Nothing gets in.</param>
/// <param name="Flaps">Open and cut for so long in turn; null: cut all the time.</param>
internal sealed record Partition(HashSet<Machine> Inside, bool Out, bool In, TimeSpan? Flaps)
{
    public bool Blocks(Machine from, Machine to, TimeSpan now)
    {
        bool outward = Inside.Contains(from);
        return outward != Inside.Contains(to) && (outward ? Out : In) && (Flaps is not { } flaps || (long)(now / flaps) % 2 == 0);
    }
}
