using System.Text;
using System.Text.RegularExpressions;

namespace AkkaOverlay.Fuzz.Mutation;

/// <summary>What can go wrong with text that people and programs write: numbers, names given twice, characters that are none, nesting.</summary>
internal sealed partial class TextMutations(Random random)
{
    private static readonly string[] Numbers =
    [
        "0", "-0", "-1", "+1", "01", "0x10", "1e3", "1e999", "1.5", "33", "129", "256", "65535", "65536", "2147483647", "2147483648", "4294967296",
        "9223372036854775807", "9223372036854775808", "18446744073709551616", "99999999999999999999999999999999999999999", "NaN", "٣",
    ];

    private static readonly string[] Words =
    [
        "", " ", "\0", "\n", "\r\n", "\t", "\"", "\\", "\\ud800", "\\udc00\\ud800", "\\u0000", "null", "true", "false", "{}", "[]", "{", "}", "[", "]", ":", ",",
        "//", "/*", "=", "==", "%", "%eth0", "/", "/0", "/33", "::", "::ffff:1.2.3.4", "fe80::1%1", "0.0.0.0/0", "::/0", "255.255.255.255/32", "1.2.3", "0x7f.1",
        "[::1]:1", "[", "a.b.", "xn--", "\uFEFF", "\u2028", "ı", "İ", "﹨", "１", "\uD83D\uDE00", "FLANNEL_MTU=", "FLANNEL_SUBNET=", "start", "poweroff.target",
    ];

    public IReadOnlyList<Func<byte[], byte[]>> All => [Number, Word, RepeatLine, RepeatToken, SwapTokens, Recase, Nest, Long];

    private byte[] Number(byte[] input) => Replace(input, Digits(), Pick(Numbers));

    private byte[] Word(byte[] input)
    {
        string text = Read(input);
        int at = random.Next(text.Length + 1);
        return Write(random.Next(2) == 0 ? text.Insert(at, Pick(Words)) : Replace(text, Tokens(), Pick(Words)));
    }

    private byte[] RepeatLine(byte[] input)
    {
        var lines = Read(input).Split('\n').ToList();
        lines.Insert(random.Next(lines.Count + 1), lines[random.Next(lines.Count)]);
        return Write(string.Join('\n', lines));
    }

    /// <summary>A "name": value of JSON, or a KEY=value, once more.</summary>
    private byte[] RepeatToken(byte[] input)
    {
        string text = Read(input);
        var pairs = Pairs().Matches(text);
        if (pairs.Count == 0)
            return input;
        var pair = pairs[random.Next(pairs.Count)];
        return Write(text.Insert(pair.Index, pair.Value.TrimEnd(',') + (pair.Value.Contains('=', StringComparison.Ordinal) ? "\n" : ",")));
    }

    private byte[] SwapTokens(byte[] input)
    {
        string text = Read(input);
        var tokens = Tokens().Matches(text);
        return tokens.Count == 0 ? input : Write(Replace(text, Tokens(), tokens[random.Next(tokens.Count)].Value));
    }

    private byte[] Recase(byte[] input)
    {
        string text = Read(input);
        return Write(random.Next(2) == 0 ? text.ToUpperInvariant() : text.ToLowerInvariant());
    }

    private byte[] Nest(byte[] input)
    {
        int depth = Size(3000);
        var (open, close) = random.Next(2) == 0 ? ("[", "]") : ("{\"Backend\":", "}");
        return Write(Replace(Read(input), Tokens(), string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth))));
    }

    private byte[] Long(byte[] input) => Replace(input, Tokens(), new string(Pick(["1", "a", ".", ":", "0", "-", "é"])[0], Size(5000)));

    private byte[] Replace(byte[] input, Regex what, string by) => Write(Replace(Read(input), what, by));

    private string Replace(string text, Regex what, string by)
    {
        var matches = what.Matches(text);
        if (matches.Count == 0)
            return text + by;
        var match = matches[random.Next(matches.Count)];
        return text[..match.Index] + by + text[(match.Index + match.Length)..];
    }

    /// <summary>Mostly small: large inputs cost time, and few of them say all that there is to say.</summary>
    private int Size(int most) => random.Next(50) == 0 ? random.Next(1, most) : random.Next(1, 40);

    private string Pick(string[] from) => from[random.Next(from.Length)];

    private static string Read(byte[] input) => Encoding.UTF8.GetString(input);

    private static byte[] Write(string text) => Encoding.UTF8.GetBytes(text);

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();

    [GeneratedRegex("\"[^\"]*\"|[A-Za-z0-9_.-]+")]
    private static partial Regex Tokens();

    [GeneratedRegex("\"[^\"]*\" *: *(\"[^\"]*\"|[0-9a-z]+),?|^[A-Z_0-9]+=.*$", RegexOptions.Multiline)]
    private static partial Regex Pairs();
}
