using AkkaOverlay.Actors.CloudRoutes;

namespace AkkaOverlay.Cloud.Gce;

/// <summary>Which machine this is, in the words of Compute Engine.</summary>
internal sealed record GceIdentity(string Project, string Zone, string Name)
{
    /// <summary>As a part of URLs.</summary>
    public string Path => $"projects/{Project}/zones/{Zone}/instances/{Name}";
}

/// <summary>The metadata server ("About VM metadata"), where every machine asks who it is.</summary>
/// <param name="endpoint">Without a path.</param>
internal sealed class GceMetadata(HttpClient http, Uri endpoint)
{
    /// <summary>The variable that Google's own libraries read as well: host, with a port or without.</summary>
    private const string Variable = "GCE_METADATA_HOST";

    /// <summary>An address, not metadata.google.internal: it works without a resolver.</summary>
    private const string LinkLocal = "169.254.169.254";

    public static Uri Endpoint => Uri.TryCreate($"http://{(Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } host ? host : LinkLocal)}/", UriKind.Absolute, out var endpoint)
        ? endpoint
        : throw new CloudException(CloudTrouble.Refused, $"{Variable}: is not a host");

    /// <exception cref="CloudException">This is no machine of Compute Engine, or its metadata server does not answer.</exception>
    public async Task<GceIdentity> ReadAsync(CancellationToken cancel)
    {
        try
        {
            string project = await GetAsync("project/project-id", cancel);
            string zone = await GetAsync("instance/zone", cancel);
            return new GceIdentity(project, zone[(zone.LastIndexOf('/') + 1)..], await GetAsync("instance/name", cancel));
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new CloudException(CloudTrouble.Passing, $"gce: the metadata server at {endpoint.Authority} does not answer: {CloudText.OneLine(e.Message)}", e);
        }
    }

    private async Task<string> GetAsync(string path, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(endpoint, $"/computeMetadata/v1/{path}"));
        request.Headers.Add("Metadata-Flavor", "Google");
        using var answer = await http.SendAsync(request, cancel);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadAsStringAsync(cancel)).Trim();
    }
}
