using NatsKv.TestKit;
using NatsKv.Testing;
using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Watching.Interruptions;

/// <summary>
/// A bucket with a writer on it, and a watch through a proxy that can be cut; the watch's requests are recorded, and things can be done to
/// the stream that no Key/Value client does.
/// </summary>
internal sealed class Followed : IAsyncDisposable
{
    private static readonly TimeSpan Lively = TimeSpan.FromMilliseconds(200);

    private readonly NatsKvClient _writer;
    private readonly StreamAdmin _admin;
    private readonly NatsKvClient _client;
    private readonly TcpProxy _proxy;
    private readonly ManualTimeProvider? _time;
    private RecordingTransport? _transport;

    private Followed(Server server, NatsKvClient writer, INatsKvBucket bucket, TcpProxy proxy, NatsKvWatchOptions options, ManualTimeProvider? time)
    {
        _writer = writer;
        _admin = new StreamAdmin(server.Url);
        Bucket = bucket;
        _proxy = proxy;
        _time = time;
        _client = new NatsKvClient(
            new NatsKvOptions { Url = proxy.Url, TransportFactory = context => _transport = new RecordingTransport(context) }, timeProvider: time);
        Watch = new WatchReader(_client.Bind(bucket.Name).WatchAsync(options, Ct));
    }

    public INatsKvBucket Bucket { get; }

    public WatchReader Watch { get; }

    /// <summary>How often the watch has asked how the stream stands.</summary>
    public int Questions => _transport!.Count("STREAM.INFO");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Starts to follow a new bucket that has some keys, and takes in its initial data.</summary>
    /// <remarks>
    /// By the system's clock a busy machine's silence interrupts the watch now and then, and what expires meanwhile is a reason for a reset. A
    /// manual one passes as the test says: then nothing else interrupts the watch, nor makes it look slow.
    /// </remarks>
    public static async Task<Followed> StartAsync(
        Server server,
        string[] keys,
        Func<NatsKvBucketConfig, NatsKvBucketConfig>? change = null,
        NatsKvWatchOptions? options = null,
        ManualTimeProvider? time = null)
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync(change);
        foreach (string key in keys)
        {
            await bucket.PutAsync(key, "1", cancellationToken: Ct);
        }

        Followed followed = await OpenAsync(server, writer, bucket, options, time);
        string[] initial = [.. keys.Select(static key => key + "=1 Put"), "complete"];
        Assert.Equal(initial, await followed.Watch.ReadAsync(initial.Length));
        return followed;
    }

    /// <summary>Starts to follow a bucket, which the caller reads.</summary>
    public static async Task<Followed> OpenAsync(
        Server server, NatsKvClient writer, INatsKvBucket bucket, NatsKvWatchOptions? options = null, ManualTimeProvider? time = null)
    {
        TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", server.Server.Port, ct: Ct);
        options ??= new NatsKvWatchOptions();
        return new Followed(server, writer, bucket, proxy, options.IdleHeartbeat == new NatsKvWatchOptions().IdleHeartbeat ? options with { IdleHeartbeat = Lively } : options, time);
    }

    /// <summary>Does something while the watch is cut off.</summary>
    public async Task WhileAwayAsync(Func<Task> action)
    {
        _proxy.RefuseNewConnections = true;
        await _proxy.CutAsync();
        await action();
        _proxy.RefuseNewConnections = false;
    }

    /// <summary>Removes messages without a marker: all of a key, or everything.</summary>
    public Task ClearAsync(string? key = null) => _admin.PurgeAsync(Bucket.Name, key);

    /// <summary>Waits until the bucket has so many messages.</summary>
    public Task HasAsync(long values) =>
        Eventually.EqualAsync(values, async () => (await Bucket.GetStatusAsync(Ct)).Values, "values of the bucket", ct: Ct);

    /// <summary>Waits until a key has expired.</summary>
    public Task HasNotAsync(string key) =>
        Eventually.TrueAsync(async () => await Bucket.GetAsync(key, Ct) is null, $"'{key}' has expired", ct: Ct);

    /// <summary>Waits until the watch has judged what it holds, by the questions that it asks, and a change written then comes next.</summary>
    /// <param name="next">The watch's next event, if it is already waited for.</param>
    public async Task HasNoResetAsync(Task<string[]>? next = null)
    {
        next ??= Watch.ReadAsync(1);
        int asked = Questions;
        await Eventually.TrueAsync(
            () =>
            {
                _time?.Advance(Lively / 10);
                return Questions >= asked + 3;
            },
            "three more questions about the stream",
            ct: Ct);
        await Bucket.PutAsync("sentinel", "1", cancellationToken: Ct);
        Assert.Equal(["sentinel=1 Put"], await next);
    }

    /// <summary>From now on, answers to the watch's requests may be replaced.</summary>
    public void Replace(Func<string, byte[], byte[]> answer) => _transport!.Answer = answer;

    public async ValueTask DisposeAsync()
    {
        await Watch.DisposeAsync();
        await _client.DisposeAsync();
        await _proxy.DisposeAsync();
        await _admin.DisposeAsync();
        await _writer.DisposeAsync();
    }
}
