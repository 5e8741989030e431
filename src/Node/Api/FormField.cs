using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AkkaOverlay.Node.Api;

/// <summary>A request that is answered with its status and a reason.</summary>
internal sealed class BadRequestException(int status, string reason) : Exception(reason)
{
    public int Status => status;
}

/// <summary>A field of a form in a request's body, as a browser or <c>curl --data</c> sends it.</summary>
internal static class FormField
{
    /// <summary>Characters of a value; no address and no word of ours is longer.</summary>
    private const int Longest = 256;

    private static readonly FormOptions Limits = new()
    {
        ValueCountLimit = 16,
        KeyLengthLimit = 128,
        ValueLengthLimit = ApiLimits.BodyBytes,
        MultipartHeadersCountLimit = 8,
        MultipartBodyLengthLimit = ApiLimits.BodyBytes,
        MemoryBufferThreshold = ApiLimits.BodyBytes,
    };

    /// <exception cref="BadRequestException">It is no form, or has not exactly one such field.</exception>
    public static async Task<string> FormFieldAsync(this HttpRequest request, string name)
    {
        if (!request.HasFormContentType)
            throw new BadRequestException(StatusCodes.Status415UnsupportedMediaType, $"a form (application/x-www-form-urlencoded) with the field '{name}' is needed");
        var values = (await Read(request))[name];
        return values switch
        {
            [{ Length: > 0 and <= Longest } value] => value,
            [{ Length: > Longest }] => throw new BadRequestException(StatusCodes.Status400BadRequest, $"the field '{name}' is longer than {Longest} characters"),
            [] or [_] => throw new BadRequestException(StatusCodes.Status400BadRequest, $"the field '{name}' is missing"),
            _ => throw new BadRequestException(StatusCodes.Status400BadRequest, $"the field '{name}' is given {values.Count} times"),
        };
    }

    private static async Task<IFormCollection> Read(HttpRequest request)
    {
        try
        {
            return await request.ReadFormAsync(Limits, request.HttpContext.RequestAborted);
        }
        catch (Exception e) when (e is InvalidDataException || (e is IOException && e is not BadHttpRequestException))
        {
            throw new BadRequestException(StatusCodes.Status400BadRequest, $"the form cannot be read: {e.Message}");
        }
    }
}
