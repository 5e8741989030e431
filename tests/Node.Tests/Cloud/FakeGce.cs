using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaOverlay.Kernel.Namespaces;
using Microsoft.AspNetCore.Http;

namespace AkkaOverlay.Tests;

/// <summary>A machine of Compute Engine.</summary>
internal sealed class GceMachine(string name, string address)
{
    public string Name => name;

    public string Address => address;

    public bool CanIpForward { get; set; } = true;

    public bool IsGone { get; set; }

    public string Path => $"projects/acme-1/zones/europe-west3-a/instances/{name}";
}

/// <summary>The Compute Engine API v1 and the metadata server, as far as a route needs them: routes come in pages of two, and each change is an operation that takes a while.</summary>
internal sealed class FakeGce(IPAddress address, NetworkNamespace? inside = null) : CloudServer(address, inside)
{
    public const string Secret = "ya29.SECRET-access-token";

    private const string Root = "https://www.googleapis.com/compute/v1/";
    private const string Api = "/compute/v1/projects/acme-1/global/";

    private readonly Lock gate = new();
    private readonly Dictionary<string, (int Polls, string? Error)> operations = [];

    public List<GceMachine> Machines { get; } = [];

    public List<JsonObject> Routes { get; } = [];

    /// <summary>What the next operation ends with; null: well.</summary>
    public string? OperationError { get; set; }

    public static string Network(string name = "default") => $"{Root}projects/acme-1/global/networks/{name}";

    public string[] Known()
    {
        lock (gate)
            return [.. Routes.Select(route => $"{route["destRange"]} {route["nextHopInstance"]?.ToString().Split('/')[^1]}").Order(StringComparer.Ordinal)];
    }

    public void Add(string name, string destination, string machine, string network = "default")
    {
        lock (gate)
            Routes.Add(new JsonObject { ["name"] = name, ["network"] = Network(network), ["destRange"] = destination, ["priority"] = 1000, ["nextHopInstance"] = $"{Root}projects/acme-1/zones/europe-west3-a/instances/{machine}" });
    }

    protected override Task<string?> ActionAsync(HttpContext context)
    {
        string path = context.Request.Path.Value!;
        return Task.FromResult(path.StartsWith($"{Api}routes", StringComparison.Ordinal)
            ? context.Request.Method switch { "GET" => "routes.list", "POST" => "routes.insert", _ => "routes.delete" }
            : path.Contains("/instances/", StringComparison.Ordinal) ? "instances.get"
            : path.Contains("/operations/", StringComparison.Ordinal) ? "globalOperations.get"
            : (string?)null);
    }

    protected override Task AnswerAsync(HttpContext context, Mishap mishap) => mishap switch
    {
        Mishap.Throttled => Error(context, 403, "rateLimitExceeded", "Rate Limit Exceeded"),
        Mishap.ServerError => Error(context, 503, "backendError", "Backend Error"),
        Mishap.NoRights => Error(context, 403, "forbidden", "Required 'compute.routes.create' permission for 'projects/acme-1/global/routes/x'"),
        _ => Error(context, 403, "quotaExceeded", "Quota 'ROUTES' exceeded. Limit: 250.0"),
    };

    protected override async Task AnswerAsync(HttpContext context, string? action)
    {
        if (action is not null && context.Request.Headers.Authorization != $"Bearer {Secret}")
        {
            await Error(context, 401, "authError", "Invalid Credentials");
            return;
        }
        var body = context.Request.Method == "POST" ? await JsonSerializer.DeserializeAsync<JsonObject>(context.Request.Body) : null;
        Task answer;
        lock (gate)
        {
            answer = action switch
            {
                "routes.list" => List(context),
                "routes.insert" => Insert(context, body!),
                "routes.delete" => Delete(context),
                "instances.get" => Instance(context),
                "globalOperations.get" => Poll(context),
                _ => Metadata(context),
            };
        }
        await answer;
    }

    private Task Metadata(HttpContext context)
    {
        context.Response.Headers["Metadata-Flavor"] = "Google";
        if (context.Request.Path == "/")
            return context.Response.WriteAsync("computeMetadata/");
        if (context.Request.Headers["Metadata-Flavor"] != "Google")
            return Error(context, 403, "forbidden", "Missing Metadata-Flavor:Google header.");
        string from = context.Connection.RemoteIpAddress!.ToString();
        var machine = Machines.Find(one => one.Address == from) ?? Machines[0];
        switch (context.Request.Path.Value!["/computeMetadata/v1/".Length..])
        {
            case "project/project-id":
                return context.Response.WriteAsync("acme-1");
            case "instance/zone":
                return context.Response.WriteAsync("projects/123456/zones/europe-west3-a");
            case "instance/name":
                return context.Response.WriteAsync(machine.Name);
            case "instance/service-accounts/default/token":
                return Json(context, new JsonObject { ["access_token"] = Secret, ["expires_in"] = 3000, ["token_type"] = "Bearer" });
            default:
                context.Response.StatusCode = 404;
                return Task.CompletedTask;
        }
    }

    private Task Instance(HttpContext context)
    {
        var machine = Machines.First(one => one.Name == context.Request.Path.Value!.Split('/')[^1]);
        return Json(context, new JsonObject
        {
            ["name"] = machine.Name,
            ["canIpForward"] = machine.CanIpForward,
            ["networkInterfaces"] = new JsonArray(new JsonObject { ["network"] = Network(), ["networkIP"] = machine.Address }),
        });
    }

    private Task List(HttpContext context)
    {
        int from = int.TryParse(context.Request.Query["pageToken"], out int page) ? page : 0;
        var items = new JsonArray([.. Routes.Skip(from).Take(2).Select(Describe)]);
        var answer = new JsonObject { ["items"] = items };
        if (from + 2 < Routes.Count)
            answer["nextPageToken"] = $"{from + 2}";
        return Json(context, answer);
    }

    private JsonNode Describe(JsonObject route)
    {
        var shown = route.DeepClone();
        string? machine = route["nextHopInstance"]?.ToString().Split('/')[^1];
        if (machine is not null && !Machines.Exists(one => one.Name == machine && !one.IsGone))
            shown["warnings"] = new JsonArray(new JsonObject { ["code"] = "NEXT_HOP_INSTANCE_NOT_FOUND" });
        return shown;
    }

    private Task Insert(HttpContext context, JsonObject route)
    {
        if (Routes.Exists(known => known["name"]!.ToString() == route["name"]!.ToString()))
            return Error(context, 409, "alreadyExists", "The resource already exists");
        if (OperationError is null)
        {
            route["nextHopInstance"] = $"{Root}{route["nextHopInstance"]}";
            Routes.Add(route);
        }
        return Begin(context);
    }

    private Task Delete(HttpContext context) =>
        Routes.RemoveAll(route => route["name"]!.ToString() == context.Request.Path.Value!.Split('/')[^1]) > 0
            ? Begin(context)
            : Error(context, 404, "notFound", "The resource was not found");

    private Task Begin(HttpContext context)
    {
        string name = $"operation-{operations.Count + 1}";
        operations[name] = (1, OperationError);
        OperationError = null;
        return Json(context, new JsonObject { ["name"] = name, ["status"] = "PENDING" });
    }

    private Task Poll(HttpContext context)
    {
        string name = context.Request.Path.Value!.Split('/')[^1];
        var (polls, error) = operations[name];
        operations[name] = (polls - 1, error);
        var answer = new JsonObject { ["name"] = name, ["status"] = polls > 0 ? "RUNNING" : "DONE" };
        if (polls <= 0 && error is not null)
            answer["error"] = new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["code"] = error, ["message"] = "the operation failed" }) };
        return Json(context, answer);
    }

    private static Task Error(HttpContext context, int status, string reason, string message)
    {
        context.Response.StatusCode = status;
        return Json(context, new JsonObject
        {
            ["error"] = new JsonObject { ["code"] = status, ["message"] = message, ["errors"] = new JsonArray(new JsonObject { ["reason"] = reason, ["message"] = message }) },
        });
    }

    private static Task Json(HttpContext context, JsonNode node)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(node.ToJsonString());
    }
}
