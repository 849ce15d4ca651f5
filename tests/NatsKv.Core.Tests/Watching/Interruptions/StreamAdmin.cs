using System.Text;
using NatsKv.Tests.Connection;
using NatsKv.Transport;

namespace NatsKv.Tests.Watching.Interruptions;

/// <summary>Does to a stream what no Key/Value client does.</summary>
internal sealed class StreamAdmin : IAsyncDisposable
{
    private readonly NatsKvClient _client;
    private RecordingTransport? _transport;

    public StreamAdmin(string url) =>
        _client = new NatsKvClient(new NatsKvOptions { Url = url, TransportFactory = context => _transport = new RecordingTransport(context) });

    /// <summary>Removes messages without a marker: all of a key, or everything.</summary>
    public async Task PurgeAsync(string bucket, string? key = null)
    {
        await _client.PingAsync(TestContext.Current.CancellationToken);
        string filter = key is null ? "" : $$"""{"filter":"$KV.{{bucket}}.{{key}}"}""";
        var request = new NatsOutgoingMessage(new NatsSubject("$JS.API.", $"STREAM.PURGE.KV_{bucket}"), Encoding.UTF8.GetBytes(filter));
        using NatsMessage reply = await _transport!.RequestAsync(request, TestContext.Current.CancellationToken);
        Assert.Contains("\"success\":true", Encoding.UTF8.GetString(reply.Payload.Span), StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
