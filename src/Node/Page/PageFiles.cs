using System.Collections.Frozen;
using System.Security.Cryptography;

namespace AkkaOverlay.Node.Page;

/// <summary>One file of the page, as it is served.</summary>
/// <param name="Tag">Its entity tag (RFC 9110, 8.8.3): changes with its content.</param>
internal sealed record PageFile(byte[] Content, string ContentType, string Tag);

/// <summary>The page's files: src/Node/Page/Web, kept in the executable.</summary>
internal static class PageFiles
{
    public const string Index = "index.html";

    private const string Prefix = "page/";

    public static IReadOnlyDictionary<string, PageFile> All { get; } = typeof(PageFiles).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .ToFrozenDictionary(name => name[Prefix.Length..], Read);

    private static PageFile Read(string resource)
    {
        using var stream = typeof(PageFiles).Assembly.GetManifestResourceStream(resource)!;
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return new PageFile(content, TypeOf(Path.GetExtension(resource)), $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}\"");
    }

    private static string TypeOf(string extension) => extension switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => throw new InvalidOperationException($"No content type for {extension}."),
    };
}
