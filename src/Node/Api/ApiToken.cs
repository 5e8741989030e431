using System.Security.Cryptography;
using System.Text;

namespace AkkaOverlay.Node.Api;

/// <summary>The secret by which changes over TCP are allowed (RFC 6750). Only its hash is kept, and nothing prints it.</summary>
public sealed class ApiToken
{
    /// <summary>Characters: 96 bits where they are random base64.</summary>
    public const int Shortest = 16;

    public const int Longest = 1024;

    private const string Scheme = "Bearer ";

    private readonly byte[] hash;

    private ApiToken(string secret) => hash = Hash(secret);

    /// <param name="text">A file's content; a line's end behind the token does not count.</param>
    /// <exception cref="FormatException">What is wrong with it, without quoting any of it.</exception>
    public static ApiToken Parse(string text)
    {
        string secret = text.Trim();
        // What an Authorization header can carry, and a little more; above all no blank and no line's end.
        return !secret.All(c => c is > ' ' and < '\x7f') ? throw new FormatException("a token is one word of printable ASCII characters")
            : secret.Length < Shortest ? throw new FormatException($"a token has at least {Shortest} characters: openssl rand -base64 32")
            : secret.Length > Longest ? throw new FormatException($"a token has at most {Longest} characters")
            : new ApiToken(secret);
    }

    /// <summary>In the same time whatever is wrong with it.</summary>
    /// <param name="authorization">The header's value; null where there is none.</param>
    public bool Allows(string? authorization) =>
        authorization is { Length: <= Longest + 64 } && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Hash(authorization[Scheme.Length..].Trim()), hash);

    public override string ToString() => "(secret)";

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
