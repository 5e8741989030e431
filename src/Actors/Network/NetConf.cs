using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace AkkaOverlay.Actors.Network;

/// <summary>
/// The net-conf.json file: flannel's schema (flannel, Documentation/configuration.md) plus <c>MasqExclude</c>, the udp option
/// <c>Encryption</c> and lists as extension commands. Stricter than flannel where flannel lets a mistake through.
/// </summary>
public static class NetConf
{
    /// <summary>Largest file that is read, in octets of UTF-8.</summary>
    public const int MaxSize = 1 << 20;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <inheritdoc cref="Parse(string, out ImmutableArray{string})"/>
    public static NetworkConfig Parse(string text) => Parse(text, out _);

    /// <summary>Reads the text of a net-conf file and fills in every default.</summary>
    /// <param name="text">The text, with or without a byte order mark.</param>
    /// <param name="warnings">What has no effect: one line each, for the log.</param>
    /// <exception cref="NetConfException">The first rule that the text breaks.</exception>
    public static NetworkConfig Parse(string text, out ImmutableArray<string> warnings)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxSize)
            throw TooLarge();
        try
        {
            return NetConfReader.Read(StrictUtf8.GetBytes(text.StartsWith('\uFEFF') ? text[1..] : text), out warnings);
        }
        catch (EncoderFallbackException e)
        {
            throw new NetConfException("net-conf", "", "must be Unicode text, without half a surrogate pair", e);
        }
    }

    /// <summary>Reads a net-conf file. Takes anything that can be read to its end, a pipe too, up to <see cref="MaxSize"/>.</summary>
    /// <exception cref="NetConfException">The first rule that the file breaks.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static NetworkConfig Load(string path, out ImmutableArray<string> warnings)
    {
        using var file = File.OpenRead(path);
        var octets = new byte[MaxSize + 1];
        int length = file.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false);
        if (length > MaxSize)
            throw TooLarge();
        try
        {
            return Parse(StrictUtf8.GetString(octets, 0, length), out warnings);
        }
        catch (DecoderFallbackException e)
        {
            throw new NetConfException("net-conf", $"octet {e.Index}", "must be UTF-8 text", e);
        }
    }

    /// <summary>
    /// The configuration for a person's eyes, defaults and sizes included and secrets hidden: <c>akka-overlay network check</c>.
    /// </summary>
    public static string ToEffectiveJson(NetworkConfig config, bool indented = true) => NetConfWriter.Effective(config, indented);

    /// <summary>
    /// The configuration as a net-conf file in which nothing is left to a default, <b>secrets included</b>. Equal configurations give equal
    /// text, and parsing the text gives the configuration back.
    /// </summary>
    public static string ToFlannelJson(NetworkConfig config, bool indented = false) => NetConfWriter.Flannel(config, indented);

    /// <summary>
    /// SHA-256 of <see cref="ToFlannelJson"/>, 64 lower-case hexadecimal digits: equal on two hosts whose files mean the same.
    /// </summary>
    public static string Fingerprint(NetworkConfig config) =>
        Convert.ToHexStringLower(SHA256.HashData(StrictUtf8.GetBytes(ToFlannelJson(config))));

    private static NetConfException TooLarge() => new("net-conf", "", $"must not be larger than {MaxSize} octets");
}
