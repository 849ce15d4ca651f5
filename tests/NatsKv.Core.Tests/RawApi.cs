using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using NatsKv.Connection;
using NatsKv.JetStream;
using NatsKv.Transport;

namespace NatsKv.Tests;

/// <summary>Asks JetStream in its own words: for what other clients do, and for what ours must not hide.</summary>
internal sealed class RawApi : IAsyncDisposable
{
    private readonly NatsConnection _connection;
    private readonly JetStreamApi _api;

    public RawApi(string url)
    {
        var settings = new NatsKvConnectionSettings(new NatsKvOptions { Url = url, ConnectTimeout = TimeSpan.FromSeconds(30), RequestTimeout = TimeSpan.FromSeconds(30) });
        _connection = new NatsConnection(new NatsTransportContext(settings, NullLoggerFactory.Instance, TimeProvider.System));
        _api = new JetStreamApi(new AwaitingExchange(_connection, TimeProvider.System));
    }

    /// <summary>The answer, which must not be an error.</summary>
    public async Task<JsonElement> AskAsync(string operation, string json)
    {
        CallDeadline deadline = CallDeadline.PerRequest(TestContext.Current.CancellationToken);
        JsonObject answer = await _api.AskAsync(operation, Encoding.UTF8.GetBytes(json), JetStreamJsonContext.Default.JsonObject, deadline);
        Assert.False(answer.ContainsKey("error"), $"{operation}: {answer["error"]}");
        return JsonSerializer.SerializeToElement(answer);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
