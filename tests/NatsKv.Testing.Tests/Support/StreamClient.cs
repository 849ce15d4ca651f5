using System.Text.Json;
using NatsKv.Testing.Wire;

namespace NatsKv.Testing.Tests.Support;

/// <summary>Makes a stream and puts messages into it, with the library's own small client.</summary>
internal sealed class StreamClient(WireConnection connection) : IAsyncDisposable
{
    public static async Task<StreamClient> ConnectAsync(NatsServer server, CancellationToken ct) =>
        new(await WireConnection.ConnectAsync(server.Port, new WireCredentials(null, null, null), ct));

    public async Task CreateAsync(string stream, int replicas, CancellationToken ct)
    {
        using JsonDocument? answer = await connection.RequestAsync(
            $"$JS.API.STREAM.CREATE.{stream}",
            $$"""{"name":"{{stream}}","subjects":["{{stream}}.>"],"storage":"file","num_replicas":{{replicas}}}""",
            ct);
        Assert.NotNull(answer);
        Assert.False(answer.RootElement.TryGetProperty("error", out JsonElement error), error.ToString());
    }

    /// <summary>The sequence number that the server acknowledged; 0 when it refused.</summary>
    public async Task<int> PublishAsync(string stream, CancellationToken ct)
    {
        using JsonDocument? answer = await connection.RequestAsync($"{stream}.a", "x", ct);
        return answer is not null && answer.RootElement.TryGetProperty("seq", out JsonElement sequence) ? sequence.GetInt32() : 0;
    }

    /// <summary>How many messages the stream holds; -1 when there is no such stream.</summary>
    public async Task<int> CountAsync(string stream, CancellationToken ct)
    {
        using JsonDocument? answer = await connection.RequestAsync($"$JS.API.STREAM.INFO.{stream}", string.Empty, ct);
        return answer is not null && answer.RootElement.TryGetProperty("state", out JsonElement state) ? state.GetProperty("messages").GetInt32() : -1;
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
