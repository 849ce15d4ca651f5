using System.Buffers;
using System.Text;
using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Buckets;

/// <summary>The same keys through every operation: none lets one pass that another refuses.</summary>
public sealed class KeyTableTests(Server server)
{
    private static readonly ReadOnlySequence<byte> Value = new("value"u8.ToArray());

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("k")]
    [InlineData("k.1")]
    [InlineData("A-b_c/d=e.9")]
    [InlineData("-")]
    [InlineData("=/_")]
    [InlineData("a.b.c.d.e.f.g.h")]
    [InlineData("_kv.own")]
    public async Task LegalKey_EveryOperation_MeansThatKeyAlone(string key)
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 5 });
        await using NatsKvClient _ = client;
        string[] neighbours = [$"{key}.x", $"x.{key}", $"{key}x"];
        foreach (string neighbour in neighbours)
        {
            await bucket.PutAsync(neighbour, "other", cancellationToken: Ct);
        }

        ulong created = await bucket.CreateAsync(key, "1", cancellationToken: Ct);
        ulong updated = await bucket.UpdateAsync(key, "2", created, cancellationToken: Ct);
        Assert.Equal((key, "2", updated), Told(await bucket.GetAsync(key, Ct)));
        Assert.Equal((key, "2", updated), Told(await bucket.GetAsync(key, new NatsKvReadOptions { FromLeader = true }, Ct)));
        Assert.Equal((key, "1", created), Told(await bucket.GetRevisionAsync(key, created, Ct)));
        Assert.Equal([created, updated], await bucket.GetHistoryAsync(key, Ct).Select(static entry => entry.Revision).ToListAsync(Ct));
        Assert.Equal([key], await bucket.GetKeysAsync(key, Ct).ToListAsync(Ct));
        Assert.Equal(1, await bucket.TrimHistoryAsync(key, cancellationToken: Ct));
        string? blocking = await BlockingCalls.OnOwnThread(() =>
        {
            bucket.Blocking.Put(key, Value, cancellationToken: Ct);
            string? read = bucket.Blocking.Read(key, 0, static (entry, _) => Encoding.UTF8.GetString(entry.Value), cancellationToken: Ct);
            bucket.Blocking.Purge(key, cancellationToken: Ct);
            return read;
        });
        Assert.Equal("value", blocking);
        await bucket.PutAsync(key, "3", cancellationToken: Ct);
        await bucket.DeleteAsync(key, cancellationToken: Ct);
        await bucket.PurgeAsync(key, cancellationToken: Ct);
        Assert.True(await bucket.RemoveAsync(key, Ct));
        Assert.Equal(1, await bucket.EraseAsync(new NatsKvErasure { Filter = key }, Ct));
        Assert.Null(await bucket.GetAsync(key, new NatsKvReadOptions { IncludeDeleted = true }, Ct));

        Assert.Equal(neighbours, await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));

        static (string, string, ulong) Told(NatsKvEntry? entry) => (entry!.Key, entry.GetString(), entry.Revision);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(".")]
    [InlineData(".a")]
    [InlineData("a.")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("a\tb")]
    [InlineData("a\r\nPUB x 0")]
    [InlineData("a\0")]
    [InlineData("a:b")]
    [InlineData("a~")]
    [InlineData("$a")]
    [InlineData("ä")]
    [InlineData("*")]
    [InlineData(">")]
    [InlineData("a.*")]
    [InlineData("a.>")]
    [InlineData("a*")]
    public async Task IllegalKey_EveryOperation_IsRefusedBeforeAnythingIsSent(string key)
    {
        // Nothing listens there: an operation that tried to send would fail in another way.
        await using var client = new NatsKvClient(new NatsKvOptions { Url = "nats://127.0.0.1:1" });
        INatsKvBucket bucket = client.Bind("bucket");
        var options = new NatsKvWriteOptions { ExpectedRevision = 1 };
        Func<Task>[] operations =
        [
            async () => await bucket.GetAsync(key, Ct),
            async () => await bucket.GetAsync(key, new NatsKvReadOptions { FromLeader = true }, Ct),
            async () => await bucket.GetStringAsync(key, Ct),
            async () => await bucket.GetRevisionAsync(key, 1, Ct),
            async () => await bucket.PutAsync(key, Value, default, Ct),
            async () => await bucket.PutAsync(key, "value", TimeSpan.FromSeconds(1), Ct),
            async () => await bucket.TryCreateAsync(key, Value, default, Ct),
            async () => await bucket.CreateAsync(key, "value", cancellationToken: Ct),
            async () => await bucket.UpdateAsync(key, "value", 1, cancellationToken: Ct),
            async () => await bucket.TryUpdateAsync(key, "value"u8.ToArray(), 1, cancellationToken: Ct),
            async () => await bucket.DeleteAsync(key, cancellationToken: Ct),
            async () => await bucket.DeleteAsync(key, options, Ct),
            async () => await bucket.PurgeAsync(key, cancellationToken: Ct),
            async () => await bucket.PurgeAsync(key, options, Ct),
            async () => await bucket.RemoveAsync(key, Ct),
            async () => await bucket.TrimHistoryAsync(key, cancellationToken: Ct),
            () => BlockingCalls.OnOwnThread(() => bucket.Blocking.Read(key, 0, static (_, _) => "", cancellationToken: Ct)),
            () => BlockingCalls.OnOwnThread(() => bucket.Blocking.Put(key, Value, cancellationToken: Ct)),
            () => BlockingCalls.OnOwnThread(() => bucket.Blocking.Purge(key, cancellationToken: Ct)),
        ];

        for (int i = 0; i < operations.Length; i++)
        {
            ArgumentException thrown = await Assert.ThrowsAnyAsync<ArgumentException>(operations[i]);
            Assert.True(thrown.Message.Contains("key", StringComparison.Ordinal), $"Operation {i}: {thrown.Message}");
        }

        Assert.Null(client.Server);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("a.>.b")]
    [InlineData("foo.")]
    [InlineData("foo..bar")]
    [InlineData("foo*bar")]
    [InlineData("foo>")]
    [InlineData("a b")]
    public async Task IllegalFilter_EveryOperation_IsRefusedBeforeAnythingIsSent(string filter)
    {
        await using var client = new NatsKvClient(new NatsKvOptions { Url = "nats://127.0.0.1:1" });
        INatsKvBucket bucket = client.Bind("bucket");
        Func<Task>[] operations =
        [
            async () => await bucket.GetKeysAsync(filter, Ct).ToListAsync(Ct),
            async () => await bucket.GetKeysAsync(["ok", filter], Ct).ToListAsync(Ct),
            async () => await bucket.CountKeysAsync(filter, Ct),
            async () => await bucket.GetHistoryAsync(filter, Ct).ToListAsync(Ct),
            async () => await bucket.WatchAsync(new NatsKvWatchOptions { Filters = [filter] }, Ct).ToListAsync(Ct),
            async () => await bucket.EraseAsync(new NatsKvErasure { Filter = filter }, Ct),
            async () => await bucket.DeleteAllAsync(filter, Ct),
            async () => await bucket.PurgeDeletesAsync(TimeSpan.Zero, filter, Ct),
        ];

        foreach (Func<Task> operation in operations)
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(operation);
        }

        Assert.Null(client.Server);
    }
}
