using System.Buffers;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NatsKv.Testing;

namespace NatsKv.Tests.Documentation;

/// <summary>What docs/kv.md shows beside the examples in Seeds.</summary>
public sealed partial class KvPageTests(Server server)
{
    [Fact]
    public async Task Client_OfAHost()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection([new("NatsKv:Url", server.Url)]);

        // <snippet:client-host>
        builder.Services.AddNatsKv();         // one INatsKvClient for the host
        builder.Services.AddSingleton<Prices>();
        // </snippet:client-host>

        using IHost host = builder.Build();
        await using (INatsKvClient client = host.Services.GetRequiredService<INatsKvClient>().Share())
        {
            await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "prices", Storage = NatsKvStorage.Memory });
        }

        Prices prices = host.Services.GetRequiredService<Prices>();
        await prices.SetAsync("apple", "1.20");
        Assert.Equal("1.20", await prices.FindAsync("apple"));
        Assert.Null(await prices.FindAsync("pear"));
    }

    [Fact]
    public async Task Values_TextBytesAndWithoutACopy()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;

        // <snippet:values>
        await bucket.PutAsync("text", "shop");                               // UTF-8
        await bucket.PutAsync("bytes", new byte[] { 1, 2, 3 });

        string? text = await bucket.GetStringAsync("text");                  // null: there is no such key
        byte[]? bytes = await bucket.GetValueAsync("bytes");

        var buffer = new ArrayBufferWriter<byte>();
        bool isThere = await bucket.TryReadAsync("bytes", buffer);           // no array of its own

        // Decodes where the value arrives. It may run on the connection's thread: take what is needed and return.
        int first = await bucket.ReadAsync("bytes", 0, static (entry, _) => (int)entry.Value[0]);
        // </snippet:values>

        Assert.Equal(("shop", true, 1, 3), (text, isThere, first, buffer.WrittenCount));
        Assert.Equal([1, 2, 3], bytes!);
    }

    [Fact]
    public async Task Values_Json()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;

        // <snippet:json>
        await bucket.PutJsonAsync("theme", new Theme("dark", 12), AppJson.Default.Theme);

        NatsKvValue<Theme>? theme = await bucket.GetJsonAsync("theme", AppJson.Default.Theme);   // null: there is no such key
        if (theme is { Value: { } value })
        {
            await bucket.UpdateJsonAsync("theme", value with { FontSize = 14 }, AppJson.Default.Theme, theme.Revision);
        }
        // </snippet:json>

        Assert.Equal(new Theme("dark", 14), (await bucket.GetJsonAsync("theme", AppJson.Default.Theme))!.Value);
    }

    [Fact]
    public async Task CompareAndSet_InALoop()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => IncrementAsync(bucket).AsTask()));

        Assert.Equal(4, (await bucket.GetJsonAsync("counter", AppJson.Default.Int32))!.Value);
    }

    [Fact]
    public async Task Create_AsALock()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { LimitMarkerTtl = TimeSpan.FromSeconds(1) });
        await using NatsKvClient _ = client;
        var done = new List<string>();

        // <snippet:create>
        NatsKvWriteResult mine = await bucket.TryCreateAsync("lock.nightly", "host-1", TimeSpan.FromSeconds(30));   // free by itself after 30 s
        if (mine.IsStored)
        {
            done.Add("report");
            await bucket.TryDeleteAsync("lock.nightly", mine.Revision);   // only if it is still ours
        }
        // </snippet:create>

        Assert.Equal(["report"], done);
        Assert.True((await bucket.TryCreateAsync("lock.nightly", "host-2")).IsStored);
        Assert.Equal(
            (await bucket.GetAsync("lock.nightly"))!.Revision,
            (await bucket.TryCreateAsync("lock.nightly", "host-3")).Revision);
    }

    [Fact]
    public async Task TimeToLive_OfAPut()
    {
        await using NatsKvClient client = server.NewClient();

        // <snippet:ttl>
        INatsKvBucket sessions = await client.OpenOrCreateBucketAsync(new NatsKvBucketConfig
        {
            Bucket = "sessions",
            LimitMarkerTtl = TimeSpan.FromMinutes(1),     // allows a time to live per key; watches are told of each expiry
        });

        ulong revision = await sessions.PutAsync("user-1", "in", TimeSpan.FromMinutes(20));
        revision = await sessions.UpdateAsync("user-1", "in", revision, TimeSpan.FromMinutes(20));   // 20 more minutes
        await sessions.PutAsync("user-1", "in");                                                     // for ever
        // </snippet:ttl>

        Assert.Equal(2ul, revision);
        Assert.True((await sessions.GetStatusAsync()).AllowsKeyTtl);
    }

    [Fact]
    public async Task Read_WithItsMarkers()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await bucket.PutAsync("app.name", "shop");
        ulong deleted = await bucket.DeleteAsync("app.name");

        // <snippet:include-deleted>
        NatsKvEntry? marker = await bucket.GetAsync("app.name", new NatsKvReadOptions { IncludeDeleted = true });
        // </snippet:include-deleted>

        Assert.Equal((deleted, NatsKvOperation.Delete), (marker!.Revision, marker.Operation));
    }

    [Fact]
    public async Task Removal_OfManyKeysAndWithoutMarkers()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 5 });
        await using NatsKvClient _ = client;
        foreach (string key in new[] { "log.1", "log.2", "log.2", "app.a", "app.b" })
        {
            await bucket.PutAsync(key, "1");
        }

        // <snippet:remove>
        bool hasMarker = await bucket.RemoveAsync("app.a");                              // a purge that works on a full bucket too
        int deleted = await bucket.DeleteAllAsync("app.>");                              // a delete of each key with a value
        long erased = await bucket.EraseAsync(new NatsKvErasure { Filter = "log.*" });   // for good, without markers
        // </snippet:remove>

        Assert.Equal((true, 1, 3L), (hasMarker, deleted, erased));
        Assert.Empty(await bucket.GetKeysAsync().ToListAsync());
    }

    [Fact]
    public async Task Headers_BesideAValue()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        ReadOnlySequence<byte> value = new("shop"u8.ToArray());

        // <snippet:headers>
        await bucket.PutAsync("app.name", value, new NatsKvWriteOptions { Headers = new NatsKvHeaders { { "Content-Type", "text/plain" } } });

        bool isText = await bucket.ReadAsync(
            "app.name",
            0,
            static (entry, _) => entry.Headers.TryGet("Content-Type"u8, out ReadOnlySpan<byte> type) && type.SequenceEqual("text/plain"u8));
        // </snippet:headers>

        Assert.True(isText);
    }

    [Fact]
    public async Task Errors_ByTheirKind()
    {
        await using NatsKvClient client = server.NewClient();
        INatsKvBucket bucket = client.Bind("kv-page-errors");
        var told = new List<string>();

        // <snippet:errors>
        try
        {
            await bucket.PutAsync("app.name", "shop");
        }
        catch (NatsKvBucketNotFoundException exception)
        {
            told.Add($"make bucket {exception.Bucket} first");
        }
        catch (NatsKvException exception) when (exception.IsTransient)
        {
            told.Add("try again later");
        }
        // </snippet:errors>

        Assert.Equal(["make bucket kv-page-errors first"], told);
    }

    [Fact]
    public async Task Blocking_ForInterfacesThatCannotAwait()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;

        // <snippet:blocking>
        bucket.Blocking.Put("app.name", new ReadOnlySequence<byte>("shop"u8.ToArray()));
        string? name = bucket.Blocking.Read("app.name", 0, static (entry, _) => entry.ToEntry().GetString());
        // </snippet:blocking>

        Assert.Equal("shop", name);
    }

    [Fact]
    public async Task RealServer_InATest()
    {
        // <snippet:real-server>
        await using NatsServer nats = await NatsServer.StartAsync();
        await using var client = new NatsKvClient(new NatsKvOptions { Url = nats.Url });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "prices" });
        // </snippet:real-server>

        Assert.Equal(1ul, await bucket.PutAsync("apple", "1.20"));
    }

    [Fact]
    public async Task FakeBucket_InATest()
    {
        // <snippet:fake-use>
        var bucket = new Fakes.DictionaryBucket("prices");
        await bucket.PutAsync("apple", "1.20");
        // </snippet:fake-use>

        Assert.Equal("1.20", await bucket.GetStringAsync("apple"));
    }

    // <snippet:compare-and-set>
    private static async ValueTask IncrementAsync(INatsKvBucket bucket)
    {
        while (true)
        {
            NatsKvValue<int>? seen = await bucket.GetJsonAsync("counter", AppJson.Default.Int32);
            NatsKvWriteResult result = seen is null
                ? await bucket.TryCreateJsonAsync("counter", 1, AppJson.Default.Int32)
                : await bucket.TryUpdateJsonAsync("counter", seen.Value + 1, AppJson.Default.Int32, seen.Revision);
            if (result.IsStored)
            {
                return;   // else somebody was faster: look again
            }
        }
    }
    // </snippet:compare-and-set>

    // <snippet:client-injected>
    internal sealed class Prices(INatsKvClient client)
    {
        private readonly INatsKvBucket _bucket = client.Bind("prices");   // asks nobody, so it may stand in a constructor

        public ValueTask<ulong> SetAsync(string item, string price) => _bucket.PutAsync(item, price);

        public ValueTask<string?> FindAsync(string item) => _bucket.GetStringAsync(item);
    }
    // </snippet:client-injected>

    // <snippet:json-context>
    internal sealed record Theme(string Name, int FontSize);

    [JsonSerializable(typeof(Theme))]
    [JsonSerializable(typeof(int))]
    internal sealed partial class AppJson : JsonSerializerContext;
    // </snippet:json-context>
}
