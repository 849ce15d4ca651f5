using NatsKv.TestKit;

namespace NatsKv.Tests.Buckets;

/// <summary>What stood under a key goes with a write that has a TTL, so that it can't come back to life; whatever the bucket was made like.</summary>
public sealed class TtlRollupTests(Server server)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HistoryWasRaisedBehindOurBack_OldValueGoesAllTheSame()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { LimitMarkerTtl = Minute });
        await using NatsKvClient _ = client;
        var options = new NatsKvWriteOptions { TimeToLive = Minute };
        await bucket.PutAsync("known", "history is one", Minute, Ct);
        bucket.Blocking.Put("known", new("history is one"u8.ToArray()), options, Ct);
        await using NatsKvClient otherClient = server.NewClient();

        // Through another handle, because a listing looks at the bucket anew.
        INatsKvBucket other = await otherClient.UpdateBucketAsync(bucket.Name, static config => config with { History = 5 }, Ct);
        await bucket.PutAsync("key", "old", cancellationToken: Ct);
        await bucket.PutAsync("key", "newer", cancellationToken: Ct);
        Assert.Equal(2, await other.GetHistoryAsync("key", Ct).CountAsync(Ct));

        ulong expiring = await bucket.PutAsync("key", "expires", Minute, Ct);
        Assert.Equal(expiring, (await other.GetHistoryAsync("key", Ct).SingleAsync(Ct)).Revision);

        await bucket.PutAsync("key", "newest", cancellationToken: Ct);
        ulong blocking = bucket.Blocking.Put("key", new("blocking"u8.ToArray()), options, Ct);
        Assert.Equal(blocking, (await other.GetHistoryAsync("key", Ct).SingleAsync(Ct)).Revision);

        await bucket.PutAsync("key", "newest", cancellationToken: Ct);
        ulong marker = await bucket.DeleteAsync("key", options, Ct);
        Assert.Equal(marker, (await other.GetHistoryAsync("key", Ct).SingleAsync(Ct)).Revision);
    }

    [Fact]
    public async Task StreamTakesNoRollups_TtlIsPossibleWhereNoHistoryIsKept()
    {
        await using var api = new RawApi(server.Url);
        string name = server.NewName();
        string Config(int history) =>
            $$"""{"name":"KV_{{name}}","subjects":["$KV.{{name}}.>"],"storage":"memory","max_msgs_per_subject":{{history}},"allow_msg_ttl":true,"allow_direct":true}""";
        await api.AskAsync($"STREAM.CREATE.KV_{name}", Config(1));
        await using NatsKvClient client = server.NewClient();
        INatsKvBucket bucket = client.Bind(name);

        await bucket.PutAsync("key", "1", cancellationToken: Ct);
        Assert.Equal(2UL, await bucket.PutAsync("key", "2", Minute, Ct));
        NatsKvBucketConfigException purge = await Assert.ThrowsAsync<NatsKvBucketConfigException>(async () => await bucket.PurgeAsync("key", cancellationToken: Ct));
        Assert.Contains("allow_rollup_hdrs", purge.Message, StringComparison.Ordinal);

        await api.AskAsync($"STREAM.UPDATE.KV_{name}", Config(5));
        await Eventually.TrueAsync(async () => (await bucket.GetStatusAsync(Ct)).Config.History == 5, "the handle has seen the change", ct: Ct);
        await Assert.ThrowsAsync<NatsKvBucketConfigException>(async () => await bucket.PutAsync("key", "3", Minute, Ct));
        Assert.Equal("2", await bucket.GetStringAsync("key", Ct));
    }
}
