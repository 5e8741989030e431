using System.Text.Json;
using AkkaOverlay.Actors.CloudRoutes;

namespace AkkaOverlay.Cloud.Aws;

/// <summary>Which machine this is, in the words of EC2.</summary>
internal sealed record InstanceIdentity(string InstanceId, string Region);

/// <summary>
/// The instance metadata service, version 2 (EC2 User Guide, "Use the Instance Metadata Service"): a token is fetched by PUT, and sent along with each question.
/// </summary>
/// <param name="endpoint">Without a path.</param>
internal sealed class InstanceMetadata(HttpClient http, Uri endpoint)
{
    /// <summary>The variable that Amazon's own libraries read as well.</summary>
    private const string Variable = "AWS_EC2_METADATA_SERVICE_ENDPOINT";

    private const string LinkLocal = "http://169.254.169.254/";

    public static Uri Endpoint => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given
        ? Uri.TryCreate(given, UriKind.Absolute, out var endpoint) ? endpoint : throw new CloudException(CloudTrouble.Refused, $"{Variable}: is not a URL")
        : new Uri(LinkLocal);

    /// <exception cref="CloudException">This is no machine of EC2, or the service does not answer.</exception>
    public async Task<InstanceIdentity> ReadAsync(CancellationToken cancel)
    {
        try
        {
            using var ask = new HttpRequestMessage(HttpMethod.Put, new Uri(endpoint, "/latest/api/token"));
            ask.Headers.Add("X-aws-ec2-metadata-token-ttl-seconds", "60");
            string token = await SendAsync(ask, cancel);
            using var get = new HttpRequestMessage(HttpMethod.Get, new Uri(endpoint, "/latest/dynamic/instance-identity/document"));
            get.Headers.Add("X-aws-ec2-metadata-token", token);
            using var document = JsonDocument.Parse(await SendAsync(get, cancel));
            return new InstanceIdentity(Text(document, "instanceId"), Text(document, "region"));
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new CloudException(CloudTrouble.Passing, $"aws-vpc: the instance metadata service at {endpoint.Authority} does not answer: {CloudText.OneLine(e.Message)}", e);
        }
    }

    private async Task<string> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        using var answer = await http.SendAsync(request, cancel);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync(cancel);
    }

    private static string Text(JsonDocument document, string name) =>
        document.RootElement.TryGetProperty(name, out var value) && value.GetString() is { Length: > 0 } text ? text : throw new JsonException($"{name} is missing");
}
