using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaOverlay.Actors.CloudRoutes;

namespace AkkaOverlay.Cloud.Gce;

/// <summary>The few methods of the Compute Engine API v1 (its REST reference) that routes need.</summary>
/// <param name="root">Ends with "/compute/v1/".</param>
/// <param name="token">An OAuth 2.0 access token.</param>
internal sealed class ComputeApi(HttpClient http, Uri root, Func<CancellationToken, Task<string>> token) : IDisposable
{
    /// <summary>gcloud's own variable for another end point of this API.</summary>
    private const string Variable = "CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE";

    private static readonly TimeSpan OperationTime = TimeSpan.FromSeconds(60);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static Uri Root => Uri.TryCreate(Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? $"{given.TrimEnd('/')}/" : "https://compute.googleapis.com/compute/v1/", UriKind.Absolute, out var root)
        ? root
        : throw new CloudException(CloudTrouble.Refused, $"{Variable}: is not a URL");

    public Task<GceInstance> InstanceAsync(GceIdentity identity, CancellationToken cancel) =>
        SendAsync<GceInstance>(HttpMethod.Get, identity.Path, null, "compute.instances.get", identity.Name, cancel);

    public async Task<List<GceRoute>> RoutesAsync(string project, CancellationToken cancel)
    {
        var routes = new List<GceRoute>();
        string? page = null;
        do
        {
            string path = $"projects/{project}/global/routes?maxResults=500{(page is null ? "" : $"&pageToken={Uri.EscapeDataString(page)}")}";
            var answer = await SendAsync<GceRouteList>(HttpMethod.Get, path, null, "compute.routes.list", project, cancel);
            routes.AddRange(answer.Items ?? []);
            page = answer.NextPageToken;
        }
        while (!string.IsNullOrEmpty(page));
        return routes;
    }

    public async Task InsertAsync(string project, GceRoute route, CancellationToken cancel)
    {
        const string permission = "compute.routes.create";
        var operation = await SendAsync<GceOperation>(HttpMethod.Post, $"projects/{project}/global/routes", route, permission, route.DestRange, cancel);
        await FinishAsync(project, operation, permission, route.DestRange, cancel);
    }

    /// <summary>What is not there is as good as deleted.</summary>
    public async Task DeleteAsync(string project, string name, CancellationToken cancel)
    {
        const string permission = "compute.routes.delete";
        try
        {
            var operation = await SendAsync<GceOperation>(HttpMethod.Delete, $"projects/{project}/global/routes/{name}", null, permission, name, cancel);
            await FinishAsync(project, operation, permission, name, cancel);
        }
        catch (CloudException e) when (e.InnerException is HttpRequestException { StatusCode: HttpStatusCode.NotFound })
        {
            // Another host was faster.
        }
    }

    public void Dispose() => http.Dispose();

    private async Task FinishAsync(string project, GceOperation operation, string permission, string about, CancellationToken cancel)
    {
        for (long began = TimeProvider.System.GetTimestamp(); operation.Status != "DONE"; await Task.Delay(250, cancel))
        {
            if (TimeProvider.System.GetElapsedTime(began) > OperationTime)
                throw new CloudException(CloudTrouble.Passing, $"gce: {permission} for {about}: the operation {operation.Name} does not end");
            operation = await SendAsync<GceOperation>(HttpMethod.Get, $"projects/{project}/global/operations/{operation.Name}", null, "compute.globalOperations.get", about, cancel);
        }
        if (operation.Error?.Errors is [var error, ..])
            throw GceErrors.OfOperation(error.Code ?? "", error.Message, permission, about);
    }

    private async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, string permission, string about, CancellationToken cancel)
    {
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(root, path));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await token(cancel));
            if (body is not null)
                request.Content = JsonContent.Create(body, body.GetType(), options: Json);
            using var answer = await http.SendAsync(request, cancel);
            if (answer.IsSuccessStatusCode)
                return await answer.Content.ReadFromJsonAsync<T>(Json, cancel) ?? throw new JsonException("an empty answer");
            var error = GceErrors.OfAnswer(answer.StatusCode, await answer.Content.ReadAsStringAsync(cancel), permission, about);
            throw new CloudException(error.Trouble, error.Message, new HttpRequestException(error.Message, null, answer.StatusCode));
        }
        catch (Exception e) when (e is not CloudException && !cancel.IsCancellationRequested)
        {
            throw new CloudException(CloudTrouble.Passing, $"gce: {permission} for {about}: {CloudText.OneLine(e.Message)}", e);
        }
    }
}
