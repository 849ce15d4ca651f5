using NatsKv.Testing;
using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Buckets;

/// <summary>Buckets in another JetStream domain, or imported from another account: every subject carries the prefix that it needs.</summary>
public sealed class DomainTests
{
    private const string Accounts = """
        accounts {
          A {
            jetstream: enabled
            users: [ { user: a, password: a } ]
            exports: [
              { service: "$JS.API.>" }
              { service: "$JS.FC.>" }
              { service: "$KV.>" }
              { stream: "_INBOX.>" }
            ]
          }
          B {
            users: [ { user: b, password: b } ]
            imports: [
              { service: { account: A, subject: "$JS.API.>" }, to: "fromA.>" }
              { service: { account: A, subject: "$KV.>" }, to: "fromA.$KV.>" }
              { service: { account: A, subject: "$JS.FC.>" } }
              { stream: { account: A, subject: "_INBOX.>" } }
            ]
          }
        }
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Domain_EveryOperation_WorksUnderItsPrefix()
    {
        await using NatsServer hub = await NatsServer.StartAsync(new NatsServerOptions { JetStreamDomain = "hub" }, Ct);
        RecordingTransport? transport = null;
        await using var client = new NatsKvClient(new NatsKvOptions
        {
            Url = hub.Url,
            JetStreamDomain = "hub",
            TransportFactory = context => transport = new RecordingTransport(context),
        });
        await using var plain = new NatsKvClient(new NatsKvOptions { Url = hub.Url });

        INatsKvBucket bucket = await client.CreateBucketAsync(Config(), Ct);
        await RunAsync(bucket, plain.Bind("bucket"));

        await foreach (NatsKvBucketStatus status in client.ListBucketsAsync(Ct))
        {
            Assert.Equal("bucket", status.Bucket);
        }

        Assert.Equal(["bucket"], await client.ListBucketNamesAsync(Ct).ToListAsync(Ct));
        await client.UpdateBucketAsync("bucket", static config => config with { History = 10 }, Ct);
        Assert.True(await client.DeleteBucketAsync("bucket", Ct));
        Assert.All(transport!.Subjects, static subject => Assert.StartsWith("$JS.hub.API.", subject, StringComparison.Ordinal));
        Assert.Contains("$JS.hub.API.$KV.bucket.key", transport.Subjects);
    }

    [Fact]
    public async Task Domain_NoneOfThatName_IsRefusedAsNobodyThere()
    {
        await using NatsServer hub = await NatsServer.StartAsync(new NatsServerOptions { JetStreamDomain = "hub" }, Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = hub.Url, JetStreamDomain = "other" });

        NatsKvServerException thrown = await Assert.ThrowsAsync<NatsKvServerException>(async () => await client.CreateBucketAsync(Config(), Ct));

        Assert.Contains("$JS.other.API.", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ApiPrefix_ImportedFromAnotherAccount_EveryOperationWorks()
    {
        await using NatsServer server = await NatsServer.StartAsync(new NatsServerOptions { ExtraConfiguration = Accounts }, Ct);
        await using var exporter = new NatsKvClient(new NatsKvOptions { Url = server.Url, User = "a", Password = "a" });
        await using var client = new NatsKvClient(new NatsKvOptions { Url = server.Url, User = "b", Password = "b", ApiPrefix = "fromA" });

        INatsKvBucket own = await exporter.CreateBucketAsync(Config(), Ct);
        await RunAsync(await client.GetBucketAsync("bucket", Ct), own);
    }

    // More than the server sends before it wants to hear that it was taken in: the answers to that must find their way too.
    [Fact]
    public async Task ApiPrefix_WatchOfMoreThanOneWindow_GetsEverything()
    {
        const int Count = 480;
        await using NatsServer server = await NatsServer.StartAsync(new NatsServerOptions { ExtraConfiguration = Accounts }, Ct);
        await using var exporter = new NatsKvClient(new NatsKvOptions { Url = server.Url, User = "a", Password = "a" });
        await using var client = new NatsKvClient(new NatsKvOptions { Url = server.Url, User = "b", Password = "b", ApiPrefix = "fromA." });
        INatsKvBucket own = await exporter.CreateBucketAsync(Config(), Ct);
        byte[] value = new byte[128 * 1024];
        foreach (int[] some in Enumerable.Range(0, Count).Chunk(40))
        {
            await Task.WhenAll(some.Select(i => own.PutAsync($"key.{i}", new(value), cancellationToken: Ct).AsTask()));
        }

        List<NatsKvEntry> seen = await ReadInitialDataAsync(client.Bind("bucket")).WaitAsync(TimeSpan.FromMinutes(1), Ct);

        Assert.Equal(Count, seen.Count);
        Assert.All(seen, entry => Assert.Equal(value.Length, entry.Value.Length));
    }

    [Theory]
    [InlineData(null, null, "$JS.API.")]
    [InlineData("hub", null, "$JS.hub.API.")]
    [InlineData(null, "fromA", "fromA.")]
    [InlineData(null, "$JS.leaf.API.", "$JS.leaf.API.")]
    public void Settings_Prefix_IsWhatTheOptionsSay(string? domain, string? prefix, string expected) => Assert.Equal(
        expected, new NatsKvConnectionSettings(new NatsKvOptions { JetStreamDomain = domain, ApiPrefix = prefix }).FullApiPrefix);

    [Theory]
    [InlineData("hub", "fromA", "not both")]
    [InlineData("", null, "JetStreamDomain")]
    [InlineData("a.b", null, "JetStreamDomain")]
    [InlineData("a b", null, "JetStreamDomain")]
    [InlineData("a\r\nPUB", null, "JetStreamDomain")]
    [InlineData("*", null, "JetStreamDomain")]
    [InlineData(null, "", "ApiPrefix")]
    [InlineData(null, ".", "ApiPrefix")]
    [InlineData(null, "a..b", "ApiPrefix")]
    [InlineData(null, "a.*", "ApiPrefix")]
    [InlineData(null, "a.>", "ApiPrefix")]
    [InlineData(null, "a b", "ApiPrefix")]
    [InlineData(null, "ü", "ApiPrefix")]
    public void Settings_IllegalPrefix_IsRefusedNamingTheOption(string? domain, string? prefix, string expected) => Assert.Contains(
        expected,
        Assert.Throws<ArgumentException>(() => new NatsKvConnectionSettings(new NatsKvOptions { JetStreamDomain = domain, ApiPrefix = prefix })).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task LongestPrefixBucketAndKey_FitTheProtocolLine()
    {
        string prefix = new('p', 200);
        await using NatsServer server = await NatsServer.StartAsync(new NatsServerOptions { ExtraConfiguration = Accounts.Replace("fromA", prefix, StringComparison.Ordinal) }, Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = server.Url, User = "b", Password = "b", ApiPrefix = prefix });
        INatsKvBucket bucket = await client.CreateBucketAsync(Config() with { Bucket = new string('b', 252) }, Ct);
        string key = new('k', 3072);

        await bucket.PutAsync(key, "value", cancellationToken: Ct);

        Assert.Equal("value", await bucket.GetStringAsync(key, Ct));
        Assert.Equal([key], await bucket.GetKeysAsync(key, Ct).ToListAsync(Ct));
    }

    private static NatsKvBucketConfig Config() => new() { Bucket = "bucket", History = 5, Storage = NatsKvStorage.Memory, LimitMarkerTtl = TimeSpan.FromMinutes(1) };

    private static async Task<List<NatsKvEntry>> ReadInitialDataAsync(INatsKvBucket bucket)
    {
        var entries = new List<NatsKvEntry>();
        await foreach (NatsKvWatchEvent change in bucket.WatchAsync(cancellationToken: Ct))
        {
            if (change.Kind == NatsKvWatchEventKind.InitialDataComplete)
            {
                break;
            }

            entries.Add(change.Entry!);
        }

        return entries;
    }

    private static async Task RunAsync(INatsKvBucket bucket, INatsKvBucket home)
    {
        ulong first = await bucket.CreateAsync("key", "1", cancellationToken: Ct);
        ulong second = await bucket.UpdateAsync("key", "2", first, cancellationToken: Ct);
        Assert.Equal("2", await home.GetStringAsync("key", Ct));
        Assert.Equal("2", await bucket.GetStringAsync("key", Ct));
        Assert.Equal("2", (await bucket.GetAsync("key", new NatsKvReadOptions { FromLeader = true }, Ct))!.GetString());
        Assert.Equal("1", (await bucket.GetRevisionAsync("key", first, Ct))!.GetString());
        await Assert.ThrowsAsync<NatsKvKeyExistsException>(async () => await bucket.CreateAsync("key", "x", cancellationToken: Ct));
        await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await bucket.UpdateAsync("key", "x", first, cancellationToken: Ct));
        Assert.Equal([first, second], await bucket.GetHistoryAsync("key", Ct).Select(static entry => entry.Revision).ToListAsync(Ct));
        Assert.Equal(["key"], await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
        Assert.Equal("bucket", (await bucket.GetStatusAsync(Ct)).Bucket);
        bucket.Blocking.Put("blocking", default, cancellationToken: Ct);
        bucket.Blocking.Purge("blocking", cancellationToken: Ct);

        int changes = 0;
        await foreach (NatsKvWatchEvent change in bucket.WatchAsync(new NatsKvWatchOptions { Filters = ["key"] }, Ct))
        {
            if (change.Kind == NatsKvWatchEventKind.InitialDataComplete)
            {
                await home.PutAsync("key", "3", cancellationToken: Ct);
            }
            else if (++changes == 2)
            {
                Assert.Equal("3", change.Entry!.GetString());
                break;
            }
        }

        await bucket.PutAsync("ttl", "x", TimeSpan.FromMinutes(1), Ct);
        await bucket.DeleteAsync("key", cancellationToken: Ct);
        Assert.Null(await home.GetAsync("key", Ct));
        await bucket.PurgeAsync("key", cancellationToken: Ct);
        Assert.True(await bucket.EraseAsync(new NatsKvErasure { Filter = "key" }, Ct) > 0);
    }
}
