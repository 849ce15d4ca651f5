using NatsKv.Testing;

namespace NatsKv.Tests.Documentation;

/// <summary>The permissions that docs/kv.md lists are enough, and needed.</summary>
public sealed class KvPagePermissionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Users_WithTheListedPermissions_MayDoThatAndNoMore()
    {
        await using NatsServer guarded = await NatsServer.StartAsync(
            new NatsServerOptions
            {
                ExtraConfiguration = """
                    authorization {
                      users = [
                        { user: admin, password: p, permissions: { subscribe: ["_INBOX.>"], publish: ["$JS.API.INFO", "$JS.API.STREAM.INFO.KV_config", "$JS.API.STREAM.CREATE.KV_config", "$JS.API.STREAM.UPDATE.KV_config", "$JS.API.STREAM.DELETE.KV_config"] } }
                        { user: reader, password: p, permissions: { subscribe: ["_INBOX.>"], publish: ["$JS.API.DIRECT.GET.KV_config.$KV.config.>"] } }
                        { user: leader, password: p, permissions: { subscribe: ["_INBOX.>"], publish: ["$JS.API.STREAM.MSG.GET.KV_config"] } }
                        { user: writer, password: p, permissions: { subscribe: ["_INBOX.>"], publish: ["$KV.config.>"] } }
                        { user: expirer, password: p, permissions: { subscribe: ["_INBOX.>"], publish: ["$KV.config.>", "$JS.API.STREAM.INFO.KV_config"] } }
                        { user: eraser, password: p, permissions: { subscribe: ["_INBOX.>"], publish: ["$JS.API.STREAM.PURGE.KV_config"] } }
                      ]
                    }
                    """,
                User = null,
            },
            Ct);
        var config = new NatsKvBucketConfig { Bucket = "config", LimitMarkerTtl = TimeSpan.FromSeconds(60), Storage = NatsKvStorage.Memory };
        await using NatsKvClient admin = NewClient("admin");
        await using NatsKvClient reader = NewClient("reader");
        await using NatsKvClient leader = NewClient("leader");
        await using NatsKvClient writer = NewClient("writer");
        await using NatsKvClient expirer = NewClient("expirer");
        await using NatsKvClient eraser = NewClient("eraser");

        await admin.CreateBucketAsync(config, Ct);
        await admin.CreateOrUpdateBucketAsync(config with { History = 5 }, Ct);
        await writer.Bind("config").PutAsync("key", "1", cancellationToken: Ct);
        await expirer.Bind("config").PutAsync("key", "2", TimeSpan.FromHours(1), Ct);
        Assert.Equal("2", await reader.Bind("config").GetStringAsync("key", Ct));
        Assert.Equal("2", (await leader.Bind("config").GetAsync("key", new NatsKvReadOptions { FromLeader = true }, Ct))!.GetString());
        await eraser.Bind("config").TrimHistoryAsync("key", 1, Ct);

        Assert.Equal("2", await UnaskedAsync(writer));

        await RefusedAsync(async () => await reader.Bind("config").PutAsync("key", "3", cancellationToken: Ct));
        await RefusedAsync(async () => await reader.Bind("config").GetStatusAsync(Ct));
        await RefusedAsync(async () => await leader.Bind("config").PutAsync("key", "3", cancellationToken: Ct));
        await RefusedAsync(async () => await writer.Bind("config").GetAsync("key", Ct));
        await RefusedAsync(async () => await eraser.Bind("config").GetAsync("key", Ct));
        await RefusedAsync(async () => await writer.DeleteBucketAsync("config", Ct));
        Assert.Equal("2", await reader.Bind("config").GetStringAsync("key", Ct));
        Assert.True(await admin.DeleteBucketAsync("config", Ct));

        NatsKvClient NewClient(string user) => new(new NatsKvOptions { Url = guarded.Url, User = user, Password = "p" });

        // Nothing that this user may not do is asked for a time to live either.
        async Task<string?> UnaskedAsync(NatsKvClient client)
        {
            // <snippet:bind-unasked>
            INatsKvBucket bucket = client.Bind("config", new NatsKvBucketOptions { AskServer = false, Timeout = TimeSpan.FromSeconds(10) });
            await bucket.PutAsync("session", "in", TimeSpan.FromMinutes(20));
            // </snippet:bind-unasked>

            Assert.Equal("in", await reader.Bind("config").GetStringAsync("session", Ct));
            await RefusedAsync(async () => await client.Bind("config").PutAsync("session", "in", TimeSpan.FromMinutes(20), Ct));
            return await reader.Bind("config").GetStringAsync("key", Ct);
        }

        static async Task RefusedAsync(Func<Task> operation) => await Assert.ThrowsAsync<NatsKvPermissionException>(operation);
    }
}
