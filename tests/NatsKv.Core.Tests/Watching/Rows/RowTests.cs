using System.Text;
using NatsKv.JetStream;
using NatsKv.TestKit;
using NatsKv.Testing;
using NatsKv.Transport;

namespace NatsKv.Tests.Watching.Rows;

/// <summary>
/// The rows of the feature table of watches, histories and listings, one test method or more for each, named after it. What needs no TTL per
/// key is tested on every line of servers.
/// </summary>
public abstract class RowTests(ServerVersions servers) : IAsyncDisposable
{
    /// <summary>How long a server takes at most to hear that a consumer is deleted; one that nobody deleted it keeps for ten seconds.</summary>
    protected static readonly TimeSpan DeletedWithin = TimeSpan.FromSeconds(8);

    private readonly List<IAsyncDisposable> _owned = [];

    public static TheoryData<NatsServerVersion> Versions => [NatsServerVersion.Latest, NatsServerVersion.V2_10, NatsServerVersion.V2_9];

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected ServerVersions Servers => servers;

    /// <summary>A client on a server of its own bucket's line; disposed with the test.</summary>
    protected async Task<NatsKvClient> NewClientAsync(NatsServerVersion version = NatsServerVersion.Latest) =>
        Own(new NatsKvClient(new NatsKvOptions { Url = (await servers.GetAsync(version)).Url }));

    /// <summary>A new bucket in memory.</summary>
    protected async Task<INatsKvBucket> NewBucketAsync(
        NatsServerVersion version = NatsServerVersion.Latest, Func<NatsKvBucketConfig, NatsKvBucketConfig>? change = null)
    {
        NatsKvClient client = await NewClientAsync(version);
        var config = new NatsKvBucketConfig { Bucket = servers.NewName(), Storage = NatsKvStorage.Memory };
        return await client.CreateBucketAsync(change?.Invoke(config) ?? config, Ct);
    }

    /// <summary>Disposes something with the test.</summary>
    protected T Own<T>(T disposable)
        where T : IAsyncDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }

    /// <summary>Reads a watch of the bucket step by step.</summary>
    private protected WatchReader Watch(INatsKvBucket bucket, NatsKvWatchOptions? options = null) => Own(new WatchReader(bucket.WatchAsync(options, Ct)));

    /// <summary>Asks JetStream's API what the client has no method for.</summary>
    protected Task<string> AskAsync(string operation, string json, NatsServerVersion version = NatsServerVersion.Latest) =>
        RequestAsync(version, new NatsOutgoingMessage(new NatsSubject(JetStreamApi.DefaultPrefix, operation), Encoding.UTF8.GetBytes(json)));

    /// <summary>Stores a message with headers that no client may set.</summary>
    protected Task<string> PublishAsync(INatsKvBucket bucket, string key, string headers, string value, NatsServerVersion version = NatsServerVersion.Latest) =>
        RequestAsync(
            version,
            new NatsOutgoingMessage(new NatsSubject($"$KV.{bucket.Name}.", key), Encoding.UTF8.GetBytes($"NATS/1.0\r\n{headers}\r\n\r\n"), new(Encoding.UTF8.GetBytes(value))));

    private async Task<string> RequestAsync(NatsServerVersion version, NatsOutgoingMessage message)
    {
        string answer = await servers.RequestAsync(version, message);
        return answer.Contains("\"error\"", StringComparison.Ordinal) ? throw new InvalidOperationException(answer) : answer;
    }

    /// <summary>Puts keys <c>prefix.0</c> to <c>prefix.n-1</c>, many at a time.</summary>
    protected static async Task FillAsync(INatsKvBucket bucket, int count, Func<int, string> value, string prefix = "key")
    {
        const int AtATime = 2000;
        for (int start = 0; start < count; start += AtATime)
        {
            await Task.WhenAll(Enumerable.Range(start, Math.Min(AtATime, count - start))
                .Select(i => bucket.PutAsync($"{prefix}.{i}", value(i), cancellationToken: Ct).AsTask()));
        }
    }

    /// <summary>The server has no consumer on a bucket any more, sooner than it would find out by itself that nobody listens.</summary>
    protected async Task AssertNoConsumerAsync(string bucket, NatsServerVersion version = NatsServerVersion.Latest) =>
        await Eventually.TrueAsync(
            async () => (await AskAsync($"CONSUMER.NAMES.KV_{bucket}", "", version)).Contains("\"total\":0", StringComparison.Ordinal),
            $"bucket '{bucket}' has no consumers",
            DeletedWithin,
            Ct);

    public async ValueTask DisposeAsync()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            await _owned[i].DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }
}
