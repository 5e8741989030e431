namespace AkkaOverlay.Simulation.Engine;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): everything random in a run comes from one seed through it, on every machine the same.</summary>
internal sealed class Prng(ulong seed)
{
    private ulong state = seed;

    public ulong Next()
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 to <paramref name="below"/> − 1.</summary>
    public int Below(int below) => (int)(Next() % (ulong)below);

    /// <summary>From 0, below 1.</summary>
    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double probability) => Fraction() < probability;

    public double Between(double from, double to) => from + (Fraction() * (to - from));

    public TimeSpan Seconds(double from, double to) => TimeSpan.FromSeconds(Between(from, to));

    public T Pick<T>(IReadOnlyList<T> list) => list[Below(list.Count)];

    /// <summary>Each with the given probability.</summary>
    public List<T> Some<T>(IEnumerable<T> list, double probability) => [.. list.Where(_ => Chance(probability))];

    public Guid Id()
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, Next());
        BitConverter.TryWriteBytes(bytes[8..], Next());
        return new Guid(bytes);
    }

    /// <summary>A stream of its own: what one part of the world draws does not move another.</summary>
    public Prng Fork() => new(Next());
}
