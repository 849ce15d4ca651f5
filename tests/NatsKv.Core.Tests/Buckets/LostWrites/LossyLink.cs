using NatsKv.TestKit;
using NatsKv.Testing;

namespace NatsKv.Tests.Buckets.LostWrites;

/// <summary>A client whose connection loses a request or its answer when a test says so.</summary>
internal sealed class LossyLink : IAsyncDisposable
{
    // Longer than a ping, shorter than any write.
    private const int SomeBytes = 32;

    private readonly TcpProxy _proxy;
    private readonly NatsKvClient _client;

    private LossyLink(TcpProxy proxy, NatsKvClient client, INatsKvBucket bucket)
    {
        _proxy = proxy;
        _client = client;
        Bucket = bucket;
    }

    /// <summary>The bucket, through the connection.</summary>
    public INatsKvBucket Bucket { get; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Connects.</summary>
    /// <param name="server">The server.</param>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="timeout">How long a call of the bucket may take, if not for long.</param>
    public static async Task<LossyLink> OpenAsync(NatsServer server, string bucket, TimeSpan? timeout = null)
    {
        TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", server.Port, ct: Ct);
        var client = new NatsKvClient(new NatsKvOptions
        {
            Url = proxy.Url,
            RequestTimeout = TimeSpan.FromSeconds(20),
            ConnectTimeout = TimeSpan.FromSeconds(10),
            MaxReconnectDelay = TimeSpan.FromMilliseconds(20),
        });
        INatsKvBucket handle = await client.GetBucketAsync(bucket, Ct);
        return new LossyLink(proxy, client, timeout is null ? handle : client.Bind(bucket, new NatsKvBucketOptions { Timeout = timeout }));
    }

    /// <summary>The request arrives; the connection breaks before the answer does.</summary>
    /// <param name="write">Writes through <see cref="Bucket"/>.</param>
    /// <param name="stored">Waits until the server has stored it, and does what happens next there.</param>
    public async Task<T> LoseAnswerAsync<T>(Func<Task<T>> write, Func<Task> stored)
    {
        await ConnectedAsync();
        _proxy.Stall(TcpProxyDirection.ServerToClient);
        Task<T> call = write();
        await stored();
        await _proxy.CutAsync();
        _proxy.Resume(TcpProxyDirection.ServerToClient);
        return await call;
    }

    /// <summary>The connection breaks before the request arrives.</summary>
    /// <param name="write">Writes through <see cref="Bucket"/>.</param>
    /// <param name="meanwhile">What happens on the server.</param>
    public async Task<T> LoseRequestAsync<T>(Func<Task<T>> write, Func<Task>? meanwhile = null)
    {
        await ConnectedAsync();
        long before = _proxy.BytesSwallowed;
        _proxy.Swallow(TcpProxyDirection.ClientToServer);
        Task<T> call = write();
        await Eventually.TrueAsync(() => _proxy.BytesSwallowed > before + SomeBytes, "the request is lost", ct: Ct);
        await (meanwhile?.Invoke() ?? Task.CompletedTask);
        await _proxy.CutAsync();
        _proxy.Resume(TcpProxyDirection.ClientToServer);
        return await call;
    }

    /// <summary>The answer comes so late that the client has asked on, over the same connection.</summary>
    public async Task<T> DelayAnswerAsync<T>(Func<Task<T>> write, Func<Task> stored)
    {
        await ConnectedAsync();
        _proxy.Stall(TcpProxyDirection.ServerToClient);
        Task<T> call = write();
        await stored();
        long before = _proxy.BytesToServer;
        await Eventually.TrueAsync(() => _proxy.BytesToServer > before + SomeBytes, "it has asked what became of the write", ct: Ct);
        _proxy.Resume(TcpProxyDirection.ServerToClient);
        return await call;
    }

    /// <summary>The server takes in everything and no answer arrives any more.</summary>
    public void Silence() => _proxy.Stall(TcpProxyDirection.ServerToClient);

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    // What goes wrong next must meet the write, not a handshake.
    private async Task ConnectedAsync() => await _client.PingAsync(Ct);
}
