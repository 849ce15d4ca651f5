using System.Text;
using System.Text.Json;
using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Buckets;

public sealed class BucketAdministrationTests(Server server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_TheSameTwice_IsNoError()
    {
        await using NatsKvClient client = server.NewClient();
        NatsKvBucketConfig config = Config() with { History = 5, LimitMarkerTtl = TimeSpan.FromSeconds(60), Description = "text" };

        await client.CreateBucketAsync(config, Ct);
        INatsKvBucket again = await client.CreateBucketAsync(config, Ct);

        Assert.Equal(config, (await again.GetStatusAsync(Ct)).Config);
    }

    [Fact]
    public async Task Create_ExistsOtherwise_SaysInWhat()
    {
        await using NatsKvClient client = server.NewClient();
        NatsKvBucketConfig config = Config();
        await client.CreateBucketAsync(config, Ct);

        var exception = await Assert.ThrowsAsync<NatsKvBucketExistsException>(
            async () => await client.CreateBucketAsync(config with { History = 7, MaxBytes = 5000 }, Ct));

        Assert.Equal(["max_msgs_per_subject", "max_bytes"], exception.Differences);
        Assert.Contains("max_bytes", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StatusConfig_GivenBackToCreate_MakesTheSameBucket()
    {
        await using NatsKvClient client = server.NewClient();
        NatsKvBucketConfig config = Config() with
        {
            Description = "text",
            History = 3,
            MaxAge = TimeSpan.FromMinutes(1),
            LimitMarkerTtl = TimeSpan.FromSeconds(5),
            MaxValueSize = 1000,
            MaxBytes = 100_000,
            Compression = true,
            Storage = NatsKvStorage.File,
            AllowDirectGet = false,
            Metadata = new NatsKvMetadata([new("team", "payments"), new("a", "b")]),
        };
        await client.CreateBucketAsync(config, Ct);
        NatsKvBucketConfig told = (await client.FindBucketAsync(config.Bucket, Ct))!.Config;

        Assert.Equal(config, told);
        await client.CreateBucketAsync(told, Ct);
        await client.DeleteBucketAsync(config.Bucket, Ct);
        INatsKvBucket anew = await client.CreateBucketAsync(told, Ct);
        Assert.Equal(config, (await anew.GetStatusAsync(Ct)).Config);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(int.MaxValue, false)]
    public async Task Create_StoreOfADeletedBucketIsStillThere_IsTriedAgainAFewTimes(int refusals, bool isMade)
    {
        const string Occupied = """{"type":"io.nats.jetstream.api.v1.stream_create_response","error":{"code":500,"err_code":10049,"description":"error creating store for stream"}}""";
        int refused = 0;
        RecordingTransport? transport = null;
        await using NatsKvClient client = server.NewClient(options => options.TransportFactory = context => transport = new RecordingTransport(context)
        {
            Answer = (subject, payload) => subject.Contains("STREAM.CREATE", StringComparison.Ordinal) && refused++ < refusals ? Encoding.UTF8.GetBytes(Occupied) : payload,
        });
        var config = new NatsKvBucketConfig { Bucket = server.NewName(), Storage = NatsKvStorage.Memory };

        Exception? thrown = await Record.ExceptionAsync(async () => await client.CreateBucketAsync(config, Ct));

        Assert.Equal(isMade ? null : 10049, (thrown as NatsKvServerException)?.ErrorCode);
        Assert.Equal(isMade, thrown is null);
        Assert.Equal(isMade ? 3 : 5, transport!.Count("STREAM.CREATE"));
    }

    [Fact]
    public async Task OpenOrCreate_HostsRace_OneMakesItAndAllGetIt()
    {
        await using NatsKvClient client = server.NewClient();
        NatsKvBucketConfig config = Config();

        INatsKvBucket[] handles = await Task.WhenAll(
            Enumerable.Range(1, 8).Select(history => client.OpenOrCreateBucketAsync(config with { History = history }, Ct).AsTask()));

        Assert.All(handles, handle => Assert.Equal(config.Bucket, handle.Name));
    }

    [Fact]
    public async Task CreateOrUpdate_HostsRaceWithDifferentConfigs_NoneFails()
    {
        await using NatsKvClient client = server.NewClient();
        NatsKvBucketConfig config = Config();

        await Task.WhenAll(Enumerable.Range(1, 8).Select(history => client.CreateOrUpdateBucketAsync(config with { History = history }, Ct).AsTask()));

        Assert.InRange((await client.FindBucketAsync(config.Bucket, Ct))!.Config.History, 1, 8);
    }

    [Fact]
    public async Task CreateOrUpdate_Exists_BecomesAsWanted()
    {
        await using NatsKvClient client = server.NewClient();
        NatsKvBucketConfig config = Config() with { Description = "old", MaxBytes = 10_000 };
        INatsKvBucket bucket = await client.CreateBucketAsync(config, Ct);
        await bucket.PutAsync("key", "value", cancellationToken: Ct);

        NatsKvBucketConfig wanted = Config(config.Bucket) with { History = 9, LimitMarkerTtl = TimeSpan.FromSeconds(30) };
        await client.CreateOrUpdateBucketAsync(wanted, Ct);

        Assert.Equal(wanted, (await bucket.GetStatusAsync(Ct)).Config);
        Assert.Equal("value", (await bucket.GetAsync("key", Ct))!.GetString());
    }

    [Fact]
    public async Task StreamThatIsNoBucket_IsLeftAlone()
    {
        await using NatsKvClient client = server.NewClient();
        string name = server.NewName();
        await using var raw = new RawApi(server.Url);
        await raw.AskAsync($"STREAM.CREATE.KV_{name}", $$"""{"name":"KV_{{name}}","subjects":["queue.{{name}}.>"],"storage":"memory","max_msgs_per_subject":-1}""");
        await raw.AskAsync($"STREAM.INFO.KV_{name}", "");

        await Assert.ThrowsAsync<NatsKvBucketConfigException>(async () => await client.CreateOrUpdateBucketAsync(Config(name), Ct));
        await Assert.ThrowsAsync<NatsKvBucketConfigException>(async () => await client.UpdateBucketAsync(name, static config => config, Ct));
        await Assert.ThrowsAsync<NatsKvBucketConfigException>(async () => await client.GetBucketAsync(name, Ct));
        JsonElement info = await raw.AskAsync($"STREAM.INFO.KV_{name}", "");
        Assert.Equal(-1, info.GetProperty("config").GetProperty("max_msgs_per_subject").GetInt64());
    }

    [Fact]
    public async Task Update_WhatWeDontKnow_StaysAsItIs()
    {
        await using NatsKvClient client = server.NewClient();
        string name = server.NewName();
        await using var raw = new RawApi(server.Url);
        await raw.AskAsync(
            $"STREAM.CREATE.KV_{name}",
            $$"""
            {"name":"KV_{{name}}","subjects":["$KV.{{name}}.>"],"storage":"memory","max_msgs_per_subject":1,"discard":"new","deny_delete":false,"deny_purge":false,
            "allow_rollup_hdrs":true,"allow_direct":true,"max_consumers":17,"duplicate_window":30000000000,
            "republish":{"src":"$KV.{{name}}.>","dest":"copy.{{name}}.>" } }
            """);

        await client.UpdateBucketAsync(name, static config => config with { Description = "new", History = 4 }, Ct);

        JsonElement config = (await raw.AskAsync($"STREAM.INFO.KV_{name}", "")).GetProperty("config");
        Assert.Equal("new", config.GetProperty("description").GetString());
        Assert.Equal(4, config.GetProperty("max_msgs_per_subject").GetInt32());
        Assert.Equal(17, config.GetProperty("max_consumers").GetInt32());
        Assert.Equal(30_000_000_000, config.GetProperty("duplicate_window").GetInt64());
        Assert.Equal($"copy.{name}.>", config.GetProperty("republish").GetProperty("dest").GetString());
        Assert.False(config.TryGetProperty("deny_delete", out JsonElement denied) && denied.GetBoolean());
    }

    [Fact]
    public async Task Update_MaxAge_TakesTheDuplicateWindowWithIt()
    {
        await using NatsKvClient client = server.NewClient();
        NatsKvBucketConfig config = Config();
        await client.CreateBucketAsync(config, Ct);
        await using var raw = new RawApi(server.Url);

        await client.UpdateBucketAsync(config.Bucket, static config => config with { MaxAge = TimeSpan.FromSeconds(10) }, Ct);
        Assert.Equal(10_000_000_000, await WindowAsync());

        await client.UpdateBucketAsync(config.Bucket, static config => config with { MaxAge = null }, Ct);
        Assert.Equal(120_000_000_000, await WindowAsync());

        async Task<long> WindowAsync() =>
            (await raw.AskAsync($"STREAM.INFO.KV_{config.Bucket}", "")).GetProperty("config").GetProperty("duplicate_window").GetInt64();
    }

    [Fact]
    public async Task Update_NoBucketOrOtherName_IsRefused()
    {
        await using NatsKvClient client = server.NewClient();
        NatsKvBucketConfig config = Config();

        await Assert.ThrowsAsync<NatsKvBucketNotFoundException>(async () => await client.UpdateBucketAsync(config.Bucket, static config => config, Ct));
        await client.CreateBucketAsync(config, Ct);
        await Assert.ThrowsAsync<ArgumentException>(async () => await client.UpdateBucketAsync(config.Bucket, static config => config with { Bucket = "other" }, Ct));
        await Assert.ThrowsAsync<NatsKvBucketConfigException>(
            async () => await client.UpdateBucketAsync(config.Bucket, static config => config with { Storage = NatsKvStorage.File }, Ct));
    }

    [Theory]
    [InlineData("old", true)]
    [InlineData("new", false)]
    [InlineData("old", false)]
    public async Task Create_BucketOfAnOldClient_IsBroughtUpToDate(string discard, bool allowDirect)
    {
        await using NatsKvClient client = server.NewClient();
        string name = server.NewName();
        await using var raw = new RawApi(server.Url);
        await raw.AskAsync(
            $"STREAM.CREATE.KV_{name}",
            $$"""
            {"name":"KV_{{name}}","subjects":["$KV.{{name}}.>"],"storage":"memory","num_replicas":1,"max_msgs_per_subject":1,"discard":"{{discard}}","deny_delete":true,
            "allow_rollup_hdrs":true,"allow_direct":{{(allowDirect ? "true" : "false")}},"duplicate_window":120000000000}
            """);

        INatsKvBucket bucket = await client.CreateBucketAsync(Config(name), Ct);

        JsonElement config = (await raw.AskAsync($"STREAM.INFO.KV_{name}", "")).GetProperty("config");
        Assert.Equal("new", config.GetProperty("discard").GetString());
        Assert.True((await bucket.GetStatusAsync(Ct)).AllowsDirectGet);
        await client.DeleteBucketAsync(name, Ct);
    }

    [Fact]
    public async Task Create_WithoutDirectGetWhereItIsAllowed_ChangesNothing()
    {
        await using NatsKvClient client = server.NewClient();
        NatsKvBucketConfig config = Config();
        await client.CreateBucketAsync(config, Ct);

        var exception = await Assert.ThrowsAsync<NatsKvBucketExistsException>(async () => await client.CreateBucketAsync(config with { AllowDirectGet = false }, Ct));

        Assert.Equal(["allow_direct"], exception.Differences);
    }

    [Fact]
    public async Task Delete_Twice_SaysThatThereWasNone()
    {
        await using NatsKvClient client = server.NewClient();
        NatsKvBucketConfig config = Config();
        await client.CreateBucketAsync(config, Ct);

        Assert.True(await client.DeleteBucketAsync(config.Bucket, Ct));
        Assert.False(await client.DeleteBucketAsync(config.Bucket, Ct));
        Assert.Null(await client.FindBucketAsync(config.Bucket, Ct));
    }

    [Fact]
    public async Task Status_SaysWhatTheBucketHolds()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 3 });
        await using NatsKvClient _ = client;
        NatsKvBucketStatus empty = await bucket.GetStatusAsync(Ct);
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await bucket.PutAsync("a", "2", cancellationToken: Ct);
        await bucket.PutAsync("b", "1", cancellationToken: Ct);
        await bucket.DeleteAsync("b", cancellationToken: Ct);

        NatsKvBucketStatus status = await bucket.GetStatusAsync(Ct);

        Assert.Null(empty.LastWritten);
        Assert.Equal((2, 4, 1UL, 4UL), (status.Keys, status.Values, status.FirstRevision, status.LastRevision));
        Assert.True(status.Bytes > 0);
        Assert.InRange(status.LastWritten!.Value, status.Created, status.ServerTime!.Value);
    }

    [Fact]
    public async Task Create_MoreReplicasThanServers_IsAnErrorOfTheConfiguration()
    {
        await using NatsKvClient client = server.NewClient();

        var exception = await Assert.ThrowsAsync<NatsKvBucketConfigException>(async () => await client.CreateBucketAsync(Config() with { Replicas = 3 }, Ct));

        Assert.Contains("replicas", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_WithPlacement_TellsTheServer()
    {
        await using NatsKvClient client = server.NewClient();
        NatsKvBucketConfig config = Config() with { Placement = new NatsKvPlacement { Cluster = "here", Tags = ["ssd", "eu"] } };

        // Outside a cluster a server keeps it without looking at it.
        INatsKvBucket bucket = await client.CreateBucketAsync(config, Ct);

        Assert.Equal(config, (await bucket.GetStatusAsync(Ct)).Config);
    }

    [Fact]
    public void Metadata_OfTheServersOwn_IsRefused()
    {
        Assert.Throws<ArgumentException>(static () => new NatsKvMetadata([new("_nats.ver", "1")]));
        Assert.Throws<ArgumentException>(static () => new NatsKvMetadata([new("", "1")]));
        Assert.Equal(new NatsKvMetadata([new("a", "1"), new("b", "2")]), new NatsKvMetadata([new("b", "2"), new("a", "1")]));
        Assert.NotEqual(new NatsKvMetadata([new("a", "1")]), new NatsKvMetadata([new("a", "2")]));
    }

    private NatsKvBucketConfig Config(string? name = null) => new() { Bucket = name ?? server.NewName(), Storage = NatsKvStorage.Memory };
}
