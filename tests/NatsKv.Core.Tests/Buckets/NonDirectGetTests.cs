using NatsKv.Testing;

namespace NatsKv.Tests.Buckets;

/// <summary>Buckets of other clients, or made so, in which only the leader answers reads.</summary>
public sealed class NonDirectGetTests(Server server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryRead_BucketWithoutDirectGet_Works()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { AllowDirectGet = false, History = 3 });
        await using NatsKvClient _ = client;
        await bucket.PutAsync("key", "1", cancellationToken: Ct);
        ulong second = await bucket.PutAsync("key", "2", cancellationToken: Ct);
        await bucket.PutAsync("gone", "x", cancellationToken: Ct);
        await bucket.DeleteAsync("gone", cancellationToken: Ct);

        for (int round = 0; round < 3; round++)
        {
            Assert.Equal("2", await bucket.GetStringAsync("key", Ct));
            Assert.Equal("1", (await bucket.GetRevisionAsync("key", second - 1, Ct))!.GetString());
            Assert.Null(await bucket.GetAsync("missing", Ct));
            Assert.Null(await bucket.GetAsync("gone", Ct));
            Assert.Equal(NatsKvOperation.Delete, (await bucket.GetAsync("gone", new NatsKvReadOptions { IncludeDeleted = true }, Ct))!.Operation);
            Assert.Equal("2", bucket.Blocking.Read<object?, string>("key", null, static (entry, _) => System.Text.Encoding.UTF8.GetString(entry.Value), default, Ct));
        }

        Assert.Equal(["key"], await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
        Assert.False((await bucket.GetStatusAsync(Ct)).AllowsDirectGet);
    }

    [Fact]
    public async Task Get_UserWhoMayNotAskAboutTheStream_GetsTheValueAllTheSame()
    {
        await using NatsServer guarded = await NatsServer.StartAsync(
            new NatsServerOptions
            {
                ExtraConfiguration = """
                    authorization {
                      users = [
                        { user: admin, password: a },
                        { user: reader, password: r, permissions: { publish: { allow: ["$JS.API.DIRECT.GET.>", "$JS.API.STREAM.MSG.GET.>"] } } }
                      ]
                    }
                    """,
                User = null,
            },
            Ct);
        await using var admin = new NatsKvClient(new NatsKvOptions { Url = guarded.Url, User = "admin", Password = "a" });
        INatsKvBucket own = await admin.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket", AllowDirectGet = false }, Ct);
        await own.PutAsync("key", "value", cancellationToken: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = guarded.Url, User = "reader", Password = "r" });

        Assert.Equal("value", await client.Bind("bucket").GetStringAsync("key", Ct));
        Assert.Equal("value", await client.Bind("bucket").GetStringAsync("key", Ct));
    }
}
