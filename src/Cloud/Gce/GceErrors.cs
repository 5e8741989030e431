using System.Net;
using System.Text.Json;
using AkkaOverlay.Actors.CloudRoutes;

namespace AkkaOverlay.Cloud.Gce;

/// <summary>What Compute Engine answers instead of what was asked for, in our words: of a request as a whole, and of an operation that ended badly.</summary>
internal static class GceErrors
{
    /// <param name="permission">As a role lists it.</param>
    public static CloudException OfAnswer(HttpStatusCode status, string body, string permission, string about)
    {
        var (reason, message) = Parse(body);
        return Of(KindOf(status, reason), $"{(int)status} {reason}".TrimEnd(), message, permission, about);
    }

    /// <param name="code">Of the operation's first error.</param>
    public static CloudException OfOperation(string code, string? message, string permission, string about) => Of(
        code switch
        {
            "QUOTA_EXCEEDED" or "LIMIT_EXCEEDED" => CloudTrouble.Limit,
            "PERMISSIONS_ERROR" or "FORBIDDEN" => CloudTrouble.Rights,
            // Another one was faster: the next reading says what there is.
            "RESOURCE_ALREADY_EXISTS" or "RESOURCE_NOT_FOUND" or "RESOURCE_NOT_READY" or "RESOURCE_IN_USE_BY_ANOTHER_RESOURCE" or "RATE_LIMIT_EXCEEDED"
                or "INTERNAL_ERROR" or "BACKEND_ERROR" or "SERVICE_UNAVAILABLE" => CloudTrouble.Passing,
            _ => CloudTrouble.Refused,
        },
        code,
        message,
        permission,
        about);

    private static CloudTrouble KindOf(HttpStatusCode status, string reason) => (status, reason) switch
    {
        (_, "quotaExceeded" or "limitExceeded") => CloudTrouble.Limit,
        (_, "rateLimitExceeded" or "userRateLimitExceeded" or "alreadyExists" or "resourceNotReady") => CloudTrouble.Passing,
        (HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or HttpStatusCode.Conflict or >= HttpStatusCode.InternalServerError, _) => CloudTrouble.Passing,
        (HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized, _) => CloudTrouble.Rights,
        _ => CloudTrouble.Refused,
    };

    private static CloudException Of(CloudTrouble trouble, string code, string? message, string permission, string about) => new(trouble, trouble switch
    {
        CloudTrouble.Rights => $"gce: this host may not do {permission} ({code}): its service account needs that permission, and the instance the scope compute-rw or cloud-platform",
        CloudTrouble.Limit => $"gce: no room for {about} ({code}): the quota of static routes of the network or the project is used up",
        _ => $"gce: {permission} for {about}: {code}: {CloudText.OneLine(message)}",
    });

    /// <summary>The body is JSON where Compute Engine itself answers; in front of it there are others.</summary>
    private static (string Reason, string Message) Parse(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var error = document.RootElement.GetProperty("error");
            string reason = error.TryGetProperty("errors", out var errors) && errors.GetArrayLength() > 0 && errors[0].TryGetProperty("reason", out var first) ? first.GetString() ?? "" : "";
            return (reason, error.TryGetProperty("message", out var message) ? message.GetString() ?? "" : "");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return ("", body);
        }
    }
}
