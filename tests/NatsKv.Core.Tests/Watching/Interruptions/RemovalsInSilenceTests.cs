using System.Buffers;

namespace NatsKv.Tests.Watching.Interruptions;

/// <summary>What goes without a message that could tell of it is found out all the same.</summary>
public sealed class RemovalsInSilenceTests(Server server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(">")]
    [InlineData("*")]
    [InlineData("a", "b")]
    public async Task MarkerClearedAwayMeanwhile_WatchIsReset(params string[] filters)
    {
        await using Followed followed = await Followed.StartAsync(server, ["a", "b"], options: new NatsKvWatchOptions { Filters = filters });
        Task<string[]> next = followed.Watch.ReadAsync(3);

        await followed.WhileAwayAsync(async () =>
        {
            await followed.Bucket.DeleteAsync("a", cancellationToken: Ct);
            await followed.ClearAsync("a");
        });

        Assert.Equal(["reset", "b=1 Put", "complete"], await next);
    }

    [Fact]
    public async Task PurgeMarkerOfASecondOnABucketOfAMinute_WatchIsReset()
    {
        await using Followed followed = await Followed.StartAsync(server, ["a", "b"], config => config with { LimitMarkerTtl = TimeSpan.FromMinutes(1) });
        Task<string[]> next = followed.Watch.ReadAsync(3);

        await followed.WhileAwayAsync(async () =>
        {
            await followed.Bucket.PurgeAsync("a", new NatsKvWriteOptions { TimeToLive = TimeSpan.FromSeconds(1) }, Ct);
            await followed.HasAsync(1);
        });

        Assert.Equal(["reset", "b=1 Put", "complete"], await next);
    }

    [Fact]
    public async Task KeyAndItsMarkerExpiredBehindASlowReader_WatchIsReset()
    {
        await using Followed followed = await Followed.StartAsync(server, ["a", "b"], config => config with { LimitMarkerTtl = TimeSpan.FromSeconds(1) });

        // A marker that stays, for longer than anybody waits here: numbers alone don't tell.
        await followed.Bucket.PurgeAsync("b", new NatsKvWriteOptions { TimeToLive = TimeSpan.FromMinutes(10) }, Ct);
        Assert.Equal(["b= Purge"], await followed.Watch.ReadAsync(1));
        await followed.Bucket.PutAsync("short", "1", cancellationToken: Ct);
        Assert.Equal(["short=1 Put"], await followed.Watch.ReadAsync(1));

        // Nobody reads: more than the server sends without an answer to its flow control.
        byte[] value = new byte[200_000];
        for (int i = 0; i < 200; i++)
        {
            await followed.Bucket.PutAsync($"big.{i}", value, cancellationToken: Ct);
        }

        // Expires, and its marker a second later, before the reader gets there.
        await followed.Bucket.PutAsync("short", new ReadOnlySequence<byte>("2"u8.ToArray()), new NatsKvWriteOptions { TimeToLive = TimeSpan.FromSeconds(1) }, Ct);
        await followed.HasAsync(202);
        for (int i = 0; i < 200; i++)
        {
            Assert.Equal($"big.{i}", (await followed.Watch.NextAsync($"big.{i}")).Entry?.Key);
        }

        Assert.Equal(["reset", "a=1 Put"], await followed.Watch.ReadAsync(2));
    }

    [Theory]
    [InlineData(">")]
    [InlineData("*")]
    public async Task StreamPurgedMeanwhile_WatchIsReset(string filter)
    {
        await using Followed followed = await Followed.StartAsync(server, ["a", "b"], options: new NatsKvWatchOptions { Filters = [filter] });
        Task<string[]> next = followed.Watch.ReadAsync(2);

        await followed.WhileAwayAsync(() => followed.ClearAsync());

        Assert.Equal(["reset", "complete"], await next);
    }

    [Theory]
    [InlineData(true, ">")]
    [InlineData(false, ">")]
    [InlineData(true, "*")]
    [InlineData(false, "*")]
    public async Task StreamPurgedWhileFollowed_WatchIsReset(bool keysCanExpire, string filter)
    {
        await using Followed followed = await Followed.StartAsync(
            server,
            ["a", "b"],
            config => keysCanExpire ? config with { LimitMarkerTtl = TimeSpan.FromMinutes(1) } : config,
            new NatsKvWatchOptions { Filters = [filter] });
        Task<string[]> next = followed.Watch.ReadAsync(2);

        await followed.ClearAsync();

        Assert.Equal(["reset", "complete"], await next);
    }

    [Theory]
    [InlineData(true, ">")]
    [InlineData(false, ">")]
    [InlineData(false, "*")]
    public async Task KeyPurgedWhileFollowed_WatchIsReset(bool keysCanExpire, string filter)
    {
        await using Followed followed = await Followed.StartAsync(
            server,
            ["a", "b"],
            config => keysCanExpire ? config with { LimitMarkerTtl = TimeSpan.FromMinutes(1) } : config,
            new NatsKvWatchOptions { Filters = [filter] });
        Task<string[]> next = followed.Watch.ReadAsync(3);

        await followed.ClearAsync("a");

        Assert.Equal(["reset", "b=1 Put", "complete"], await next);
    }

    [Fact]
    public async Task InterruptedAmidTheInitialData_KeyAlreadyGivenIsClearedAway_WatchIsReset()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync();
        byte[] value = new byte[100_000];
        for (int i = 0; i < 300; i++)
        {
            await bucket.PutAsync($"key.{i}", value, cancellationToken: Ct);
        }

        await using Followed followed = await Followed.OpenAsync(server, writer, bucket);
        Assert.Equal("key.0", (await followed.Watch.NextAsync()).Entry?.Key);
        await followed.WhileAwayAsync(() => followed.ClearAsync("key.0"));

        var seen = new HashSet<string>(StringComparer.Ordinal) { "key.0" };
        while (seen.Contains("key.0") || seen.Count < 299)
        {
            NatsKvWatchEvent item = await followed.Watch.NextAsync($"a reset and 299 keys; {seen.Count} so far");
            if (item.Kind == NatsKvWatchEventKind.Reset)
            {
                seen.Clear();
            }
            else if (item.Entry is { } entry)
            {
                seen.Add(entry.Key);
            }
        }
    }

    [Fact]
    public async Task UpdatesOnly_MarkersThatMayHaveLapsedMeanwhile_WatchIsReset()
    {
        await using Followed followed = await Followed.StartAsync(
            server, [], config => config with { LimitMarkerTtl = TimeSpan.FromSeconds(1) }, new NatsKvWatchOptions { UpdatesOnly = true });
        await followed.Bucket.PutAsync("a", "1", cancellationToken: Ct);
        Assert.Equal(["a=1 Put"], await followed.Watch.ReadAsync(1));
        Task<string[]> next = followed.Watch.ReadAsync(1);

        await followed.WhileAwayAsync(async () =>
        {
            await followed.Bucket.PurgeAsync("a", new NatsKvWriteOptions { TimeToLive = TimeSpan.FromSeconds(1) }, Ct);
            await followed.HasAsync(0);
        });

        Assert.Equal(["reset"], await next);
    }
}
