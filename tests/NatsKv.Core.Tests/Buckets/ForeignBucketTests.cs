using System.Text;
using NatsKv.Testing;
using NatsKv.Tests.Connection;
using NatsKv.Tests.Watching;
using NatsKv.Tests.Watching.Rows;

namespace NatsKv.Tests.Buckets;

/// <summary>Buckets as other clients make them, and messages as other streams put them there.</summary>
public sealed class ForeignBucketTests(ServerVersions servers) : RowTests(servers)
{
    /// <summary>nats-py makes buckets without direct get, and always allows TTLs.</summary>
    [Theory]
    [InlineData(NatsServerVersion.Latest, true)]
    [InlineData(NatsServerVersion.V2_10, false)]
    [InlineData(NatsServerVersion.V2_9, false)]
    public async Task BucketOfThePythonClient_EveryOperation_Works(NatsServerVersion version, bool allowsTtl)
    {
        string name = Servers.NewName();
        await AskAsync(
            $"STREAM.CREATE.KV_{name}",
            $$"""
            {"name":"KV_{{name}}","subjects":["$KV.{{name}}.>"],"retention":"limits","storage":"memory","num_replicas":1,"max_consumers":-1,"max_msgs":-1,
            "max_msgs_per_subject":3,"max_bytes":-1,"max_msg_size":-1,"max_age":0,"duplicate_window":120000000000,"discard":"new","deny_delete":true,
            "deny_purge":false,"allow_rollup_hdrs":true,"allow_direct":false{{(allowsTtl ? ",\"allow_msg_ttl\":true" : "")}} }
            """,
            version);
        NatsKvClient client = await NewClientAsync(version);

        // A handle that has asked, and one that has not.
        foreach (INatsKvBucket bucket in (INatsKvBucket[])[await client.GetBucketAsync(name, Ct), client.Bind(name)])
        {
            await ReadEveryWayAsync(bucket);
            if (allowsTtl)
            {
                await bucket.PutAsync("short", "x", TimeSpan.FromMinutes(1), Ct);
                Assert.Equal("x", await bucket.GetStringAsync("short", Ct));
            }
            else
            {
                await Assert.ThrowsAsync<NatsKvNotSupportedException>(async () => await bucket.PutAsync("short", "x", TimeSpan.FromMinutes(1), Ct));
            }
        }

        NatsKvBucketStatus status = await client.Bind(name).GetStatusAsync(Ct);
        Assert.Equal((false, allowsTtl, allowsTtl), (status.AllowsDirectGet, status.AllowsKeyTtl, status.Config.AllowKeyTtl));
    }

    /// <summary>A server before 2.10 doesn't answer a direct get that nobody can take, not even with that.</summary>
    [Fact]
    public async Task OldServerThatKeepsSilent_HandlesThatHaveNotAskedReadAllTheSame()
    {
        INatsKvBucket own = await NewBucketAsync(NatsServerVersion.V2_9, static config => config with { AllowDirectGet = false });
        ulong revision = await own.PutAsync("key", "value", cancellationToken: Ct);
        string url = (await Servers.GetAsync(NatsServerVersion.V2_9)).Url;
        Func<INatsKvBucket, Task<string?>>[] reads =
        [
            async bucket => await bucket.GetStringAsync("key", Ct),
            async bucket => (await bucket.GetRevisionAsync("key", revision, Ct))?.GetString(),
            bucket => BlockingCalls.OnOwnThread(() => bucket.Blocking.Read("key", 0, static (entry, _) => Encoding.UTF8.GetString(entry.Value), cancellationToken: Ct)),
        ];

        await using var client = new NatsKvClient(new NatsKvOptions { Url = url });
        await client.PingAsync(Ct);

        foreach (Func<INatsKvBucket, Task<string?>> read in reads)
        {
            Assert.Equal("value", await read(client.Bind(own.Name)));
            await Assert.ThrowsAsync<NatsKvBucketNotFoundException>(async () => await read(client.Bind(Servers.NewName())));
        }
    }

    /// <summary>A stream that republishes into a bucket's subjects puts headers there that a direct get adds too; the last ones are the server's.</summary>
    [Fact]
    public async Task RepublishedIntoABucket_KeyRevisionAndTimeAreTheBucketsOwn()
    {
        INatsKvBucket bucket = await NewBucketAsync(change: static config => config with { History = 5 });
        string source = Servers.NewName();
        await AskAsync(
            $"STREAM.CREATE.{source}",
            $$"""{"name":"{{source}}","subjects":["{{source}}.>"],"storage":"memory","republish":{"src":"{{source}}.>","dest":"$KV.{{bucket.Name}}.>"} }""");
        await bucket.PutAsync("other", "x", cancellationToken: Ct);
        await bucket.PutAsync("other", "y", cancellationToken: Ct);
        await Servers.PublishAsync(NatsServerVersion.Latest, $"{source}.key", "value");
        WatchReader watch = Watch(bucket, new NatsKvWatchOptions { Filters = ["key"] });

        NatsKvEntry watched = (await watch.NextAsync("the republished entry")).Entry ?? (await watch.NextAsync("the republished entry, live")).Entry!;
        NatsKvEntry direct = (await bucket.GetAsync("key", Ct))!;
        NatsKvEntry leader = (await bucket.GetAsync("key", new NatsKvReadOptions { FromLeader = true }, Ct))!;
        NatsKvEntry revision = (await bucket.GetRevisionAsync("key", 3, Ct))!;

        foreach (NatsKvEntry entry in (NatsKvEntry[])[direct, leader, revision, watched])
        {
            Assert.Equal(("key", "value", 3UL, NatsKvOperation.Put), (entry.Key, entry.GetString(), entry.Revision, entry.Operation));
            Assert.Equal(direct.Created, entry.Created);
        }

        Assert.Equal((await bucket.GetStatusAsync(Ct)).LastWritten, direct.Created);
        Assert.Equal(4UL, await bucket.UpdateAsync("key", "2", direct.Revision, cancellationToken: Ct));
    }

    private static async Task ReadEveryWayAsync(INatsKvBucket bucket)
    {
        await bucket.PurgeAsync("key", cancellationToken: Ct);
        ulong first = await bucket.CreateAsync("key", "1", cancellationToken: Ct);
        ulong second = await bucket.UpdateAsync("key", "2", first, cancellationToken: Ct);
        await Assert.ThrowsAsync<NatsKvKeyExistsException>(async () => await bucket.CreateAsync("key", "x", cancellationToken: Ct));

        // More than once, because what a handle learns by one read changes the next.
        for (int round = 0; round < 2; round++)
        {
            Assert.Equal(("2", second), ((await bucket.GetAsync("key", Ct))!.GetString(), (await bucket.GetAsync("key", Ct))!.Revision));
            Assert.Equal("2", await bucket.GetStringAsync("key", Ct));
            Assert.Equal("2", Encoding.UTF8.GetString((await bucket.GetValueAsync("key", Ct))!));
            Assert.Equal("2", (await bucket.GetAsync("key", new NatsKvReadOptions { AtLeastRevision = second }, Ct))!.GetString());
            Assert.Equal("2", (await bucket.GetAsync("key", new NatsKvReadOptions { FromLeader = true }, Ct))!.GetString());
            Assert.Equal("1", (await bucket.GetRevisionAsync("key", first, Ct))!.GetString());
            Assert.Null(await bucket.GetAsync("missing", Ct));
            Assert.Equal("2", await BlockingCalls.OnOwnThread(() => bucket.Blocking.Read("key", 0, static (entry, _) => Encoding.UTF8.GetString(entry.Value), cancellationToken: Ct)));
        }

        Assert.Equal(["", "1", "2"], await bucket.GetHistoryAsync("key", Ct).Select(static entry => entry.GetString()).ToListAsync(Ct));
        Assert.Contains("key", await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
        ulong deleted = await bucket.DeleteAsync("key", new NatsKvWriteOptions { ExpectedRevision = second }, Ct);
        Assert.Null(await bucket.GetAsync("key", Ct));
        Assert.Equal((deleted, NatsKvOperation.Delete), Marker(await bucket.GetAsync("key", new NatsKvReadOptions { IncludeDeleted = true }, Ct)));
        Assert.Equal((deleted, NatsKvOperation.Delete), Marker(await bucket.GetRevisionAsync("key", deleted, Ct)));
        Assert.Equal(deleted + 1, await bucket.CreateAsync("key", "3", cancellationToken: Ct));
    }

    private static (ulong, NatsKvOperation) Marker(NatsKvEntry? entry) => (entry!.Revision, entry.Operation);
}
