using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AkkaOverlay.EndToEnd.Tests.Page;

/// <summary>One connection of the Chrome DevTools Protocol: commands with their answers, and events as they come.</summary>
internal sealed class DevTools : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ClientWebSocket socket = new();
    private readonly SemaphoreSlim sending = new(1);
    private readonly CancellationTokenSource end = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> waiting = [];
    private Task reading = Task.CompletedTask;
    private int last;

    /// <summary>Name and parameters of each event; called on the reader's thread.</summary>
    public Action<string, JsonElement> OnEvent { get; set; } = (_, _) => { };

    public async Task ConnectAsync(string address)
    {
        await socket.ConnectAsync(new Uri(address), end.Token);
        reading = ReadAsync();
    }

    public async Task<JsonElement> SendAsync(string method, JsonObject? parameters = null)
    {
        int id = Interlocked.Increment(ref last);
        var answer = waiting[id] = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        byte[] message = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] });
        await sending.WaitAsync();
        try
        {
            await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, end.Token);
        }
        finally
        {
            sending.Release();
        }
        return await answer.Task.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await reading;
        socket.Dispose();
        sending.Dispose();
        end.Dispose();
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[65536];
        try
        {
            while (true)
            {
                using var whole = new MemoryStream();
                WebSocketReceiveResult part;
                do
                {
                    part = await socket.ReceiveAsync(buffer, end.Token);
                    whole.Write(buffer, 0, part.Count);
                }
                while (!part.EndOfMessage);
                if (part.MessageType == WebSocketMessageType.Close)
                    return;
                Take(JsonDocument.Parse(whole.ToArray()).RootElement);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            foreach (var answer in waiting.Values)
                answer.TrySetException(new InvalidOperationException("the browser has ended"));
        }
    }

    private void Take(JsonElement message)
    {
        if (!message.TryGetProperty("id", out var id))
            OnEvent(message.GetProperty("method").GetString()!, message.GetProperty("params"));
        else if (waiting.TryRemove(id.GetInt32(), out var answer))
        {
            if (message.TryGetProperty("error", out var error))
                answer.SetException(new InvalidOperationException(error.ToString()));
            else
                answer.SetResult(message.GetProperty("result"));
        }
    }
}
