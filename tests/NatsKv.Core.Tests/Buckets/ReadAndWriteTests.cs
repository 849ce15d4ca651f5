using System.Buffers;
using System.Text;

namespace NatsKv.Tests.Buckets;

public sealed class ReadAndWriteTests(Server server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetAsync_KeyNeverWritten_IsNull()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;

        Assert.Null(await bucket.GetAsync("missing", Ct));
    }

    [Fact]
    public async Task GetAsync_AfterPut_HasValueRevisionAndTime()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        DateTimeOffset before = DateTimeOffset.UtcNow;

        ulong revision = await bucket.PutAsync("app.name", "Ümläut", cancellationToken: Ct);
        NatsKvEntry? entry = await bucket.GetAsync("app.name", Ct);

        Assert.NotNull(entry);
        Assert.Equal(1ul, revision);
        Assert.Equal(revision, entry.Revision);
        Assert.Equal("Ümläut", entry.GetString());
        Assert.Equal("app.name", entry.Key);
        Assert.Equal(bucket.Name, entry.Bucket);
        Assert.Equal(NatsKvOperation.Put, entry.Operation);
        Assert.InRange(entry.Created, before.AddSeconds(-5), DateTimeOffset.UtcNow.AddSeconds(5));
    }

    [Fact]
    public async Task GetAsync_EmptyValue_IsAnEntryAndNoMiss()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;

        await bucket.PutAsync("empty", ReadOnlyMemory<byte>.Empty, cancellationToken: Ct);
        NatsKvEntry? entry = await bucket.GetAsync("empty", Ct);

        Assert.NotNull(entry);
        Assert.True(entry.Value.IsEmpty);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetAsync_DeletedKey_IsNullUnlessAskedFor(bool fromLeader)
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await bucket.PutAsync("key", "value", cancellationToken: Ct);
        ulong marker = await bucket.DeleteAsync("key", cancellationToken: Ct);

        NatsKvEntry? plain = await bucket.GetAsync("key", new NatsKvReadOptions { FromLeader = fromLeader }, Ct);
        NatsKvEntry? deleted = await bucket.GetAsync("key", new NatsKvReadOptions { FromLeader = fromLeader, IncludeDeleted = true }, Ct);

        Assert.Null(plain);
        Assert.NotNull(deleted);
        Assert.Equal(marker, deleted.Revision);
        Assert.Equal(NatsKvOperation.Delete, deleted.Operation);
    }

    [Fact]
    public async Task GetAsync_FromLeader_HasTheSameEntry()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await bucket.PutAsync("key", new byte[] { 0, 1, 2, 255 }, cancellationToken: Ct);

        NatsKvEntry? direct = await bucket.GetAsync("key", Ct);
        NatsKvEntry? leader = await bucket.GetAsync("key", new NatsKvReadOptions { FromLeader = true }, Ct);

        Assert.NotNull(direct);
        Assert.NotNull(leader);
        Assert.Equal(direct.Value.ToArray(), leader.Value.ToArray());
        Assert.Equal(direct.Revision, leader.Revision);
        Assert.Equal(direct.Created, leader.Created);
    }

    [Fact]
    public async Task GetRevisionAsync_EachKeptRevision_IsThatOneAndNoLaterOne()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(config => config with { History = 2 });
        await using NatsKvClient _ = client;
        ulong first = await bucket.PutAsync("key", "1", cancellationToken: Ct);
        ulong second = await bucket.PutAsync("key", "2", cancellationToken: Ct);
        ulong third = await bucket.PutAsync("key", "3", cancellationToken: Ct);
        ulong other = await bucket.PutAsync("other", "4", cancellationToken: Ct);

        Assert.Null(await bucket.GetRevisionAsync("key", first, Ct));
        Assert.Equal("2", (await bucket.GetRevisionAsync("key", second, Ct))!.GetString());
        Assert.Equal("3", (await bucket.GetRevisionAsync("key", third, Ct))!.GetString());
        Assert.Null(await bucket.GetRevisionAsync("key", other, Ct));
        Assert.Null(await bucket.GetRevisionAsync("key", 0, Ct));
        Assert.Null(await bucket.GetRevisionAsync("key", 1000, Ct));
    }

    [Fact]
    public async Task PutAsync_SequenceOfSeveralSegments_IsStoredWhole()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        byte[] whole = [.. Enumerable.Range(0, 100_000).Select(static i => (byte)i)];

        await bucket.PutAsync("key", Segments.Split(whole, 7, 65_536), default, Ct);

        Assert.Equal(whole, (await bucket.GetAsync("key", Ct))!.Value.ToArray());
    }

    [Fact]
    public async Task PutAsync_WithHeaders_StoresThemBesideTheValue()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        var options = new NatsKvWriteOptions { Headers = new NatsKvHeaders { { "App-Version", "3" }, { "Empty", "" } } };

        await bucket.PutAsync("key", new ReadOnlySequence<byte>("value"u8.ToArray()), options, Ct);
        string? read = await bucket.ReadAsync(
            "key",
            0,
            static (entry, _) => entry.Headers.TryGet("App-Version"u8, out ReadOnlySpan<byte> version) ? Encoding.UTF8.GetString(version) : null,
            default,
            Ct);

        Assert.Equal("3", read);
    }

    [Fact]
    public async Task UpdateAsync_LatestRevision_Writes()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        ulong first = await bucket.PutAsync("key", "1", cancellationToken: Ct);

        ulong second = await bucket.UpdateAsync("key", "2", first, cancellationToken: Ct);

        Assert.Equal(first + 1, second);
        Assert.Equal("2", (await bucket.GetAsync("key", Ct))!.GetString());
    }

    [Fact]
    public async Task UpdateAsync_OldRevision_ThrowsAndWritesNothing()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        ulong first = await bucket.PutAsync("key", "1", cancellationToken: Ct);
        ulong second = await bucket.PutAsync("key", "2", cancellationToken: Ct);

        NatsKvRevisionMismatchException thrown = await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(
            async () => await bucket.UpdateAsync("key", "3", first, cancellationToken: Ct));

        Assert.Equal((bucket.Name, "key", first, (ulong?)second), (thrown.Bucket, thrown.Key, thrown.ExpectedRevision, thrown.ActualRevision));
        Assert.Equal("2", (await bucket.GetAsync("key", Ct))!.GetString());
    }

    [Fact]
    public async Task DeleteAsync_ExpectedRevision_IsHeededAndHistoryStays()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(config => config with { History = 5 });
        await using NatsKvClient _ = client;
        ulong first = await bucket.PutAsync("key", "1", cancellationToken: Ct);

        await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(
            async () => await bucket.DeleteAsync("key", new NatsKvWriteOptions { ExpectedRevision = first + 7 }, Ct));
        ulong marker = await bucket.DeleteAsync("key", new NatsKvWriteOptions { ExpectedRevision = first }, Ct);

        List<NatsKvEntry> history = await bucket.GetHistoryAsync("key", Ct).ToListAsync(Ct);
        Assert.Equal([(first, NatsKvOperation.Put), (marker, NatsKvOperation.Delete)], history.Select(static e => (e.Revision, e.Operation)));
    }

    [Fact]
    public async Task PurgeAsync_KeyWithHistory_LeavesOneMarker()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(config => config with { History = 5 });
        await using NatsKvClient _ = client;
        await bucket.PutAsync("key", "1", cancellationToken: Ct);
        await bucket.PutAsync("key", "2", cancellationToken: Ct);

        ulong marker = await bucket.PurgeAsync("key", cancellationToken: Ct);

        List<NatsKvEntry> history = await bucket.GetHistoryAsync("key", Ct).ToListAsync(Ct);
        Assert.Equal([(marker, NatsKvOperation.Purge)], history.Select(static e => (e.Revision, e.Operation)));
        Assert.Null(await bucket.GetAsync("key", Ct));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".a")]
    [InlineData("a.")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("a:b")]
    [InlineData("a\r\nPUB x 0")]
    [InlineData("a.*")]
    [InlineData("ä")]
    public async Task EveryOperation_IllegalKey_IsRefusedBeforeAnythingIsSent(string key)
    {
        // Nothing listens there: an operation that tried to send would fail in another way.
        await using var client = new NatsKvClient(new NatsKvOptions { Url = "nats://127.0.0.1:1" });
        INatsKvBucket bucket = client.Bind("bucket");

        await Refused(async () => await bucket.GetAsync(key, Ct));
        await Refused(async () => await bucket.GetRevisionAsync(key, 1, Ct));
        await Refused(async () => await bucket.PutAsync(key, "value", cancellationToken: Ct));
        await Refused(async () => await bucket.CreateAsync(key, "value", cancellationToken: Ct));
        await Refused(async () => await bucket.UpdateAsync(key, "value", 1, cancellationToken: Ct));
        await Refused(async () => await bucket.DeleteAsync(key, cancellationToken: Ct));
        await Refused(async () => await bucket.PurgeAsync(key, cancellationToken: Ct));

        async Task Refused(Func<Task> operation)
        {
            ArgumentException thrown = await Assert.ThrowsAsync<ArgumentException>(operation);
            Assert.Contains("is not a legal key", thrown.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task PutAsync_LargerThanTheServerTakes_IsRefusedAndTheConnectionLives()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        int limit = client.Server!.MaxPayload;

        NatsKvValueTooLargeException thrown = await Assert.ThrowsAsync<NatsKvValueTooLargeException>(
            async () => await bucket.PutAsync("key", new byte[limit + 1], cancellationToken: Ct));
        await bucket.PutAsync("key", new byte[limit], cancellationToken: Ct);

        Assert.Equal((limit + 1, limit), (thrown.Size, thrown.Limit));
        Assert.Equal(limit, (await bucket.GetAsync("key", Ct))!.Value.Length);
    }

    [Fact]
    public async Task EveryOperation_BucketMissing_SaysSo()
    {
        await using NatsKvClient client = server.NewClient();
        INatsKvBucket bucket = client.Bind(server.NewName("missing"));

        await Missing(async () => await bucket.GetAsync("key", Ct));
        await Missing(async () => await bucket.GetAsync("key", new NatsKvReadOptions { FromLeader = true }, Ct));
        await Missing(async () => await bucket.PutAsync("key", "value", cancellationToken: Ct));
        await Missing(async () => await bucket.PutAsync("key", "value", TimeSpan.FromSeconds(1), cancellationToken: Ct));
        await Missing(async () => await bucket.GetStatusAsync(Ct));
        await Missing(async () => await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
        await Missing(async () => await client.GetBucketAsync(bucket.Name, Ct));

        async Task Missing(Func<Task> operation)
        {
            NatsKvBucketNotFoundException thrown = await Assert.ThrowsAsync<NatsKvBucketNotFoundException>(operation);
            Assert.Contains(bucket.Name, thrown.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ManyCallersAtOnce_EachGetsItsOwnValue()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;

        await Task.WhenAll(Enumerable.Range(0, 64).Select(async caller =>
        {
            for (int i = 0; i < 50; i++)
            {
                string value = $"{caller}-{i}";
                ulong revision = await bucket.PutAsync($"key.{caller}", value, cancellationToken: Ct);
                NatsKvEntry? entry = await bucket.GetAsync($"key.{caller}", Ct);
                Assert.Equal((value, revision), (entry!.GetString(), entry.Revision));
            }
        }));
    }

    [Fact]
    public async Task Continuations_RunOffTheConnectionsThread()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await Task.Run(
            async () =>
            {
                for (int i = 0; i < 100; i++)
                {
                    await bucket.PutAsync("key", "value", cancellationToken: Ct).ConfigureAwait(false);
                    Assert.False(NatsKv.Connection.ConnectionThread.IsCurrent);
                    await bucket.GetAsync("key", Ct).ConfigureAwait(false);
                    Assert.False(NatsKv.Connection.ConnectionThread.IsCurrent);
                    await client.PingAsync(Ct).ConfigureAwait(false);
                    Assert.False(NatsKv.Connection.ConnectionThread.IsCurrent);
                }
            },
            Ct);
    }
}
