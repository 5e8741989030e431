using AkkaOverlay.Fuzz.Engine;

namespace AkkaOverlay.Fuzz.Mutation;

/// <summary>Makes a new input from the corpus: one to eight mutations, some for any bytes, some for the shape.</summary>
internal sealed class Mutator(Shape shape, Random random)
{
    /// <summary>Octets. Long enough for nesting and repetition, short enough for speed.</summary>
    private const int Longest = 1 << 16;

    private readonly IReadOnlyList<Func<byte[], byte[]>> special = shape switch
    {
        Shape.Netlink => new NetlinkMutations(random).All,
        Shape.Message => new ProtobufMutations(random).All,
        _ => new TextMutations(random).All,
    };

    private readonly ByteMutations bytes = new(random);

    /// <param name="genuine">How many inputs at the start of the corpus are sound: from them, one mutation alone still comes through to the parser's depths.</param>
    public byte[] Next(IReadOnlyList<byte[]> corpus, int genuine)
    {
        byte[] input = [.. corpus[random.Next(random.Next(2) == 0 ? genuine : corpus.Count)]];
        for (int left = 1 + random.Next(random.Next(1, 9)); left > 0; left--)
        {
            input = random.Next(10) switch
            {
                0 => bytes.Splice(input, Pick(corpus)),
                < 5 => Pick(bytes.All)(input),
                _ => Pick(special)(input),
            };
        }
        return input.Length <= Longest ? input : input[..Longest];
    }

    private T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];
}
