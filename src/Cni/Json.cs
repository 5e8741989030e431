using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace AkkaOverlay.Cni;

/// <summary>JSON from outside, read so that nothing of it can throw later.</summary>
internal static class Json
{
    /// <summary>Octets: a GC with 10,000 attachments has one.</summary>
    public const int Largest = 4 << 20;

    private const int Deepest = 64;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = Deepest, AllowDuplicateProperties = false };

    /// <param name="what">What it is, for the error.</param>
    /// <exception cref="CniException">Code 6: not one JSON object in UTF-8.</exception>
    public static JsonObject Object(ReadOnlySpan<byte> utf8, string what)
    {
        if (utf8.Length == 0)
            throw new CniException(ErrorCode.Decoding, $"{what} is empty", "a JSON object is expected");
        if (!Utf8.IsValid(utf8))
            throw new CniException(ErrorCode.Decoding, $"{what} is not UTF-8");
        try
        {
            DecodeAll(utf8);
            return JsonNode.Parse(utf8, null, Options) as JsonObject ?? throw new CniException(ErrorCode.Decoding, $"{what} is no JSON object");
        }
        catch (JsonException e)
        {
            throw new CniException(ErrorCode.Decoding, $"{what} is not JSON", Printable.Of(e.Message), e);
        }
        catch (InvalidOperationException e)
        {
            throw new CniException(ErrorCode.Decoding, $"{what} has half a surrogate pair in a string", "", e);
        }
    }

    /// <summary>One line in UTF-8.</summary>
    public static byte[] Write(JsonObject value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
            value.WriteTo(writer);
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    /// <summary>The string, or null where it is something else.</summary>
    public static string? Text(JsonNode? value) => value is JsonValue text && text.TryGetValue(out string? found) ? found : null;

    /// <summary>JSON can spell half of a surrogate pair (<c>"\ud800"</c>), which is no text; the parser finds out only when asked for it.</summary>
    private static void DecodeAll(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = Deepest });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                _ = reader.GetString();
        }
    }
}
