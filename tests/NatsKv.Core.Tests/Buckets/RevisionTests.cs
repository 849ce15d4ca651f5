using NatsKv.Testing;
using NatsKv.Tests.Watching.Rows;

namespace NatsKv.Tests.Buckets;

/// <summary>One revision of a key: that one, a marker as what it is, and never a later one in its place.</summary>
public sealed class RevisionTests(ServerVersions servers) : RowTests(servers)
{
    [Theory]
    [MemberData(nameof(Versions))]
    public async Task GetRevision_Marker_IsTheMarker(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version, static config => config with { History = 5 });
        ulong value = await bucket.PutAsync("key", "1", cancellationToken: Ct);
        ulong delete = await bucket.DeleteAsync("key", cancellationToken: Ct);
        Assert.Equal(("1", NatsKvOperation.Put), Told(await bucket.GetRevisionAsync("key", value, Ct)));
        Assert.Equal(("", NatsKvOperation.Delete), Told(await bucket.GetRevisionAsync("key", delete, Ct)));

        ulong purge = await bucket.PurgeAsync("key", cancellationToken: Ct);

        Assert.Equal(("", NatsKvOperation.Purge), Told(await bucket.GetRevisionAsync("key", purge, Ct)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetRevision_Gone_IsNullAndNotTheNext(bool allowDirectGet)
    {
        INatsKvBucket bucket = await NewBucketAsync(change: config => config with { History = 3, AllowDirectGet = allowDirectGet });
        ulong other = await bucket.PutAsync("other", "x", cancellationToken: Ct);
        ulong[] revisions = new ulong[6];
        for (int i = 0; i < revisions.Length; i++)
        {
            revisions[i] = await bucket.PutAsync("key", $"{i}", cancellationToken: Ct);
        }

        Assert.Equal((bool[])[false, false, false, true, true, true], await KeptAsync());
        Assert.Equal(("5", NatsKvOperation.Put), Told(await bucket.GetRevisionAsync("key", revisions[5], Ct)));
        Assert.Null(await bucket.GetRevisionAsync("key", other, Ct));
        Assert.Null(await bucket.GetRevisionAsync("other", revisions[5], Ct));
        Assert.Null(await bucket.GetRevisionAsync("key", revisions[5] + 1, Ct));
        Assert.Null(await bucket.GetRevisionAsync("key", ulong.MaxValue, Ct));
        Assert.Null(await bucket.GetRevisionAsync("key", 0, Ct));

        await bucket.TrimHistoryAsync("key", 2, Ct);
        Assert.Equal((bool[])[false, false, false, false, true, true], await KeptAsync());
        await bucket.PurgeAsync("key", cancellationToken: Ct);
        Assert.Equal(new bool[6], await KeptAsync());

        async Task<bool[]> KeptAsync()
        {
            bool[] kept = new bool[revisions.Length];
            for (int i = 0; i < revisions.Length; i++)
            {
                kept[i] = await bucket.GetRevisionAsync("key", revisions[i], Ct) is { } entry && entry.Revision == revisions[i];
            }

            return kept;
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task FiftyPuts_KeepsTheLast10AndTheStatusSaysSo(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version, static config => config with { History = 10 });
        await FillAsync(bucket, 1, static _ => "other", "other");
        for (int i = 1; i <= 50; i++)
        {
            await bucket.PutAsync("key", $"{i}", cancellationToken: Ct);
        }

        Assert.Equal("50", await bucket.GetStringAsync("key", Ct));
        Assert.Null(await bucket.GetRevisionAsync("key", 41, Ct));
        Assert.Equal("41", (await bucket.GetRevisionAsync("key", 42, Ct))!.GetString());
        NatsKvBucketStatus status = await bucket.GetStatusAsync(Ct);
        Assert.Equal((2, 11, 51UL), (status.Keys, status.Values, status.LastRevision));
    }

    [Fact]
    public async Task History64_IsTheMost()
    {
        INatsKvBucket bucket = await NewBucketAsync(change: static config => config with { History = 64 });
        for (int i = 1; i <= 66; i++)
        {
            await bucket.PutAsync("key", $"{i}", cancellationToken: Ct);
        }

        Assert.Equal(Enumerable.Range(3, 64).Select(static i => $"{i}"), await bucket.GetHistoryAsync("key", Ct).Select(static entry => entry.GetString()).ToListAsync(Ct));
        NatsKvClient client = await NewClientAsync();
        foreach (int wrong in (int[])[0, -1, 65, 200])
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "wrong", History = wrong }, Ct));
        }
    }

    [Fact]
    public async Task HistoryLowered_DropsRevisionsAndKeepsTheLatest()
    {
        INatsKvBucket bucket = await NewBucketAsync(change: static config => config with { History = 5 });
        for (int i = 1; i <= 5; i++)
        {
            await bucket.PutAsync("key", $"{i}", cancellationToken: Ct);
        }

        await (await NewClientAsync()).UpdateBucketAsync(bucket.Name, static config => config with { History = 2 }, Ct);

        Assert.Equal(["4", "5"], await bucket.GetHistoryAsync("key", Ct).Select(static entry => entry.GetString()).ToListAsync(Ct));
    }

    private static (string, NatsKvOperation) Told(NatsKvEntry? entry) => (entry!.GetString(), entry.Operation);
}
