using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace AkkaOverlay.Node.Api;

/// <summary>How every path answers: JSON, and a reason in <c>message</c> where there is nothing else to say.</summary>
internal static class Answers
{
    public static Task Answer<T>(this HttpContext context, T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(value, type);
    }

    /// <summary>One line; it is in the audit's line too.</summary>
    public static Task Say(this HttpContext context, string message, int status = StatusCodes.Status200OK)
    {
        context.Came(message);
        return context.Answer(new MessageModel(message), ApiJson.Default.MessageModel, status);
    }
}
