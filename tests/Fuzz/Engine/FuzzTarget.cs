using System.Text;

namespace AkkaOverlay.Fuzz.Engine;

/// <summary>What a target's inputs are made of: which mutations can do harm.</summary>
internal enum Shape
{
    Text,
    Netlink,

    /// <summary>Two letters of manifest, then protobuf.</summary>
    Message,
}

/// <summary>One parser of bytes that come from outside.</summary>
/// <param name="Samples">Genuine inputs, which the parser must take without an exception.</param>
/// <param name="Parse">Reads, and checks what was read; may throw <paramref name="Allowed"/> and nothing else.</param>
/// <param name="Allowed">The exceptions, exactly or derived, by which the parser says that the input is bad.</param>
internal sealed record FuzzTarget(string Name, Shape Shape, IReadOnlyList<byte[]> Samples, Action<byte[]> Parse, params IReadOnlyList<Type> Allowed)
{
    /// <summary>Invalid UTF-8 becomes U+FFFD, as File.ReadAllText makes it.</summary>
    public static FuzzTarget OfText(string name, IEnumerable<string> samples, Action<string> parse, params IReadOnlyList<Type> allowed) =>
        new(name, Shape.Text, [.. samples.Select(Encoding.UTF8.GetBytes)], bytes => parse(Encoding.UTF8.GetString(bytes)), allowed);

    public bool Allows(Exception thrown) => Allowed.Any(type => type.IsInstanceOfType(thrown));
}

/// <summary>The parser took an input and made nonsense of it.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message);

/// <summary>An input that does harm, and what harm.</summary>
internal sealed record Finding(string Target, int Seed, string What, byte[] Input)
{
    public override string ToString() =>
        $"FINDING target {Target}, seed {Seed}: {What}\ninput {Convert.ToHexString(Input)}\nagain: dotnet run --project tests/Fuzz -- --target {Target} --input {Convert.ToHexString(Input)}";
}

/// <param name="Seconds">Net of start-up.</param>
internal sealed record FuzzResult(string Target, long Inputs, double Seconds, int Outcomes, Finding? Finding)
{
    public override string ToString() => $"measured: {Inputs / Math.Max(Seconds, 0.001):0} inputs/s {Target} ({Inputs} inputs, {Outcomes} outcomes)";
}
