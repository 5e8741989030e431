using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Node.Api;

/// <summary>The management API could not be asked, or refused; the message is one line for a person.</summary>
public sealed class ApiException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Speaks with a node over its unix socket.</summary>
public sealed class ApiClient : IDisposable
{
    private readonly HttpClient http;
    private readonly string socketPath;

    /// <param name="socketPath"><c>&lt;run-dir&gt;/api.sock</c>.</param>
    public ApiClient(string socketPath, TimeSpan? timeout = null)
    {
        this.socketPath = socketPath;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancel);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        http = new HttpClient(handler) { BaseAddress = new Uri("http://akka-overlay"), Timeout = timeout ?? TimeSpan.FromSeconds(10) };
    }

    /// <exception cref="ApiException">No node answers there, or it refuses.</exception>
    public Task<StatusModel> StatusAsync(CancellationToken cancel = default) => GetAsync("/status", ApiJson.Default.StatusModel, cancel);

    /// <summary>The answer of <c>GET /ready</c>, also where it is 503.</summary>
    public Task<ReadyModel> ReadyAsync(CancellationToken cancel = default) => GetAsync("/ready", ApiJson.Default.ReadyModel, cancel, alsoUnavailable: true);

    public Task<LedgerModel> LeasesAsync(CancellationToken cancel = default) => GetAsync("/leases", ApiJson.Default.LedgerModel, cancel);

    /// <summary>The allocator's own view, with what is reserved and in quarantine; where it does not answer, what this host heard last.</summary>
    public Task<LedgerModel> LedgerAsync(CancellationToken cancel = default) => GetAsync("/ledger", ApiJson.Default.LedgerModel, cancel);

    public Task<LeaseModel> LeaseAsync(IpPrefix subnet, CancellationToken cancel = default) => GetAsync($"/ledger/{Escaped(subnet)}", ApiJson.Default.LeaseModel, cancel);

    public Task<MessageModel> ReserveAsync(IpPrefix subnet, string host, CancellationToken cancel = default) =>
        TellAsync(HttpMethod.Put, $"/reservations/{Escaped(subnet)}?host={Uri.EscapeDataString(host)}", cancel);

    public Task<MessageModel> UnreserveAsync(IpPrefix subnet, CancellationToken cancel = default) => TellAsync(HttpMethod.Delete, $"/reservations/{Escaped(subnet)}", cancel);

    /// <summary>Ends a lease or a quarantine.</summary>
    /// <param name="force">Also where the owner lives, or the quarantine is not over.</param>
    public Task<MessageModel> ReleaseAsync(IpPrefix subnet, bool force, CancellationToken cancel = default) =>
        TellAsync(HttpMethod.Delete, $"/ledger/{Escaped(subnet)}{(force ? "?force=true" : "")}", cancel);

    public Task<IReadOnlyList<PeerModel>> PeersAsync(CancellationToken cancel = default) => GetAsync("/peers", ApiJson.Default.IReadOnlyListPeerModel, cancel);

    public Task<ProbesModel> ProbesAsync(CancellationToken cancel = default) => GetAsync("/probes", ApiJson.Default.ProbesModel, cancel);

    public Task<IReadOnlyList<ObjectModel>> ObjectsAsync(CancellationToken cancel = default) => GetAsync("/routes", ApiJson.Default.IReadOnlyListObjectModel, cancel);

    public Task<MembersModel> MembersAsync(CancellationToken cancel = default) => GetAsync("/cluster/members", ApiJson.Default.MembersModel, cancel);

    public Task<SeatsModel> SeatsAsync(CancellationToken cancel = default) => GetAsync("/cluster/seats", ApiJson.Default.SeatsModel, cancel);

    /// <summary>How a packet goes. The node asks other hosts, and these their neighbours: takes up to ten seconds.</summary>
    /// <exception cref="UsageException">The node refuses the addresses.</exception>
    public async Task<ExplainModel> ExplainAsync(string from, string to, CancellationToken cancel = default)
    {
        string path = $"/explain?from={Uri.EscapeDataString(from)}&to={Uri.EscapeDataString(to)}";
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancel);
        if (response.IsSuccessStatusCode)
            return await ReadAsync(response, ApiJson.Default.ExplainModel, cancel);
        string reason = (await ReadAsync(response, ApiJson.Default.MessageModel, cancel)).Message;
        throw response.StatusCode == System.Net.HttpStatusCode.BadRequest ? new UsageException(reason) : new ApiException(reason);
    }

    public Task<NetworkModel> NetworkAsync(CancellationToken cancel = default) => GetAsync("/network", ApiJson.Default.NetworkModel, cancel);

    /// <summary>Sets the network's configuration, or says what would change.</summary>
    /// <param name="netConf">The text of a net-conf.json.</param>
    /// <param name="comparedWith">The version that was looked at.</param>
    /// <exception cref="ApiException">Refused, with the reason; nothing is changed.</exception>
    public async Task<NetworkChangeModel> SetNetworkAsync(string netConf, long comparedWith, bool dryRun, CancellationToken cancel = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/network{(dryRun ? "?dry-run=true" : "")}") { Content = new StringContent(netConf) };
        request.Headers.IfMatch.Add(new System.Net.Http.Headers.EntityTagHeaderValue($"\"{comparedWith}\""));
        using var response = await SendAsync(request, cancel);
        if (!response.IsSuccessStatusCode)
            throw new ApiException((await ReadAsync(response, ApiJson.Default.MessageModel, cancel)).Message);
        return await ReadAsync(response, ApiJson.Default.NetworkChangeModel, cancel);
    }

    /// <param name="seats">Address and port of each.</param>
    /// <exception cref="ApiException">Refused, with the reason; nothing is changed.</exception>
    public async Task<SeatsModel> ChangeSeatsAsync(IReadOnlyList<string> seats, CancellationToken cancel = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/cluster/seats") { Content = JsonContent.Create(new ChangeSeatsModel(seats), ApiJson.Default.ChangeSeatsModel) };
        using var response = await SendAsync(request, cancel);
        if (!response.IsSuccessStatusCode)
            throw new ApiException((await ReadAsync(response, ApiJson.Default.MessageModel, cancel)).Message);
        return await ReadAsync(response, ApiJson.Default.SeatsModel, cancel);
    }

    /// <summary>Gives up the copies of the ledger that are lost: takes up to half a minute.</summary>
    /// <exception cref="ApiException">Refused, with the reason; nothing is changed.</exception>
    public async Task<SeatsModel> RecoverSeatsAsync(CancellationToken cancel = default)
    {
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Post, "/cluster/seats/recover"), cancel);
        if (!response.IsSuccessStatusCode)
            throw new ApiException((await ReadAsync(response, ApiJson.Default.MessageModel, cancel)).Message);
        return await ReadAsync(response, ApiJson.Default.SeatsModel, cancel);
    }

    /// <summary>Tells a node to give its lease back, leave, and stay down.</summary>
    /// <param name="address">The member's Akka address.</param>
    /// <param name="drain">How long it waits for its containers at most, as typed; null as its own options say.</param>
    public Task<MessageModel> LeaveAsync(string address, string? drain = null, CancellationToken cancel = default) =>
        TellAsync(HttpMethod.Delete, $"/cluster/members/{Uri.EscapeDataString(address)}{(drain is null ? "" : $"?drain={Uri.EscapeDataString(drain)}")}", cancel);

    /// <summary>Puts a member out of the cluster; its lease stays.</summary>
    public Task<MessageModel> DownAsync(string address, CancellationToken cancel = default) =>
        TellAsync(HttpMethod.Put, $"/cluster/members/{Uri.EscapeDataString(address)}", cancel, ("operation", "Down"));

    /// <summary>Tells this node, which is in no cluster, to join the one that the host at this address is in.</summary>
    public Task<MessageModel> JoinAsync(string address, CancellationToken cancel = default) => TellAsync(HttpMethod.Post, "/cluster/members", cancel, ("address", address));

    /// <summary>The cluster's present state as events, then each change, until the node ends the stream.</summary>
    /// <param name="types">Names of <see cref="ClusterEvents.Names"/>; none for all.</param>
    /// <exception cref="ApiException">The node refuses, or is not heard any more.</exception>
    public async IAsyncEnumerable<ClusterEventModel> EventsAsync(IReadOnlyList<string> types, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        string query = string.Concat(types.Select((type, i) => $"{(i == 0 ? '?' : '&')}type={Uri.EscapeDataString(type)}"));
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/cluster/domain-events{query}"), cancel, HttpCompletionOption.ResponseHeadersRead);
        if (!response.IsSuccessStatusCode)
            throw new ApiException((await ReadAsync(response, ApiJson.Default.MessageModel, cancel)).Message);
        await foreach (string data in EventStreamReader.ReadAsync(await response.Content.ReadAsStreamAsync(cancel), socketPath, cancel))
            yield return JsonSerializer.Deserialize(data, EventJson.Default.ClusterEventModel) ?? throw new ApiException($"{socketPath}: an empty event");
    }

    public void Dispose() => http.Dispose();

    private static string Escaped(IpPrefix subnet) => Uri.EscapeDataString(subnet.ToString());

    private async Task<MessageModel> TellAsync(HttpMethod method, string path, CancellationToken cancel, params IEnumerable<(string Name, string Value)> form)
    {
        var fields = form.Select(field => KeyValuePair.Create(field.Name, field.Value)).ToList();
        using var request = new HttpRequestMessage(method, path) { Content = fields.Count > 0 ? new FormUrlEncodedContent(fields) : null };
        using var response = await SendAsync(request, cancel);
        var answer = await ReadAsync(response, ApiJson.Default.MessageModel, cancel);
        return response.IsSuccessStatusCode ? answer : throw new ApiException(answer.Message);
    }

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel, bool alsoUnavailable = false)
    {
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancel);
        if (!response.IsSuccessStatusCode && !(alsoUnavailable && response.StatusCode == System.Net.HttpStatusCode.ServiceUnavailable))
            throw new ApiException((await ReadAsync(response, ApiJson.Default.MessageModel, cancel)).Message);
        return await ReadAsync(response, type, cancel);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        try
        {
            return await http.SendAsync(request, completion, cancel);
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.AccessDenied })
        {
            throw new ApiException($"{socketPath}: permission denied; try it as root", e);
        }
        catch (HttpRequestException e)
        {
            throw new ApiException($"no akka-overlay answers at {socketPath}: is it running, and with this --run-dir?", e);
        }
        catch (TaskCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new ApiException($"akka-overlay does not answer at {socketPath} within {http.Timeout.TotalSeconds} s", e);
        }
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancel) ?? throw new ApiException($"{socketPath}: an empty answer");
        }
        catch (JsonException e)
        {
            throw new ApiException($"{socketPath}: an answer that is not understood ({(int)response.StatusCode})", e);
        }
    }
}
