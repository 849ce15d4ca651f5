using NatsKv.Testing;

namespace NatsKv.Tests.Watching.Rows;

/// <summary>W1, W2, W12: what an entry of a watch tells.</summary>
public sealed class EntryRows(ServerVersions servers) : RowTests(servers)
{
    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W1_Fields_AreThoseOfTheStoredRevision(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        string[] keys = ["a", "b.c", "d"];
        ulong[] revisions =
        [
            await bucket.PutAsync("a", "one", cancellationToken: Ct),
            await bucket.PutAsync("b.c", "", cancellationToken: Ct),
            await bucket.DeleteAsync("d", cancellationToken: Ct),
        ];

        WatchReader watch = Watch(bucket);

        for (int i = 0; i < 3; i++)
        {
            NatsKvEntry entry = (await watch.NextAsync()).Entry!;
            NatsKvEntry stored = (await bucket.GetAsync(entry.Key, new NatsKvReadOptions { FromLeader = true, IncludeDeleted = true }, Ct))!;
            Assert.Equal((bucket.Name, keys[i], revisions[i], stored.Created), (entry.Bucket, entry.Key, entry.Revision, entry.Created));
            Assert.Equal(i == 2 ? NatsKvOperation.Delete : NatsKvOperation.Put, entry.Operation);
            Assert.Equal(stored.Value.ToArray(), entry.Value.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W1_Delta_CountsDownToZeroAndStaysThere(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        await FillAsync(bucket, 10, static _ => "v");
        WatchReader watch = Watch(bucket);

        for (ulong delta = 10; delta-- > 0;)
        {
            Assert.Equal(delta, (await watch.NextAsync()).Entry!.Delta);
        }

        Assert.Equal(["complete"], await watch.ReadAsync(1));
        await bucket.PutAsync("live", "v", cancellationToken: Ct);
        Assert.Equal(0UL, (await watch.NextAsync()).Entry!.Delta);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W2_GetString_IsTheTextThatWasPut(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        await bucket.PutAsync("a", "{\"größe\":\"1 €\"}", cancellationToken: Ct);

        Assert.Equal("{\"größe\":\"1 €\"}", (await Watch(bucket).NextAsync()).Entry!.GetString());
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W12_HeadersOnly_GivesTheSizeOfTheValueThatItLeavesOut(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version, config => config with { History = 2 });
        var headers = new NatsKvHeaders { { "Mine", "42" } };
        await bucket.PutAsync("plain", new byte[12_345], cancellationToken: Ct);
        await bucket.PutAsync("headed", new(new byte[7]), new NatsKvWriteOptions { Headers = headers }, Ct);
        await bucket.PutAsync("empty", "", cancellationToken: Ct);
        await bucket.DeleteAsync("plain", cancellationToken: Ct);

        var sizes = new List<string>();
        WatchReader watch = Watch(bucket, new NatsKvWatchOptions { HeadersOnly = true, IncludeHistory = true });
        while (await watch.NextAsync() is { Entry: { } entry })
        {
            Assert.True(entry.Value.IsEmpty);
            sizes.Add($"{entry.Key} {entry.Operation} {entry.Size}");
        }

        Assert.Equal(["plain Put 12345", "headed Put 7", "empty Put 0", "plain Delete 0"], sizes);
    }

    [Fact]
    public async Task W12_ValuesToo_SizeIsTheirLengthWhateverAHeaderSays()
    {
        INatsKvBucket bucket = await NewBucketAsync();
        await PublishAsync(bucket, "a", "Nats-Msg-Size: 99", "12345");

        Assert.Equal(5, (await Watch(bucket).NextAsync()).Entry!.Size);
        Assert.Equal(5, (await bucket.GetAsync("a", Ct))!.Size);
        Assert.Equal(5, (await Watch(bucket, new NatsKvWatchOptions { HeadersOnly = true }).NextAsync()).Entry!.Size);
    }
}
