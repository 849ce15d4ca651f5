using System.Text;
using NatsKv.Tests.Connection;
using NatsKv.Tests.Watching.Rows;

namespace NatsKv.Tests.Buckets;

/// <summary>What goes out, byte for byte: other clients and permissions depend on it.</summary>
public sealed class WireTests(ServerVersions servers) : RowTests(servers)
{
    private static readonly NatsKvWriteOptions Expecting = new() { ExpectedRevision = 0 };
    private static readonly NatsKvWriteOptions Minute = new() { TimeToLive = TimeSpan.FromMinutes(1) };
    private RecordingTransport? _transport;

    [Fact]
    public async Task Create_Defaults_AsksForExactlyThisStream()
    {
        NatsKvClient client = await NewRecordedClientAsync();
        string name = Servers.NewName();

        await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = name }, Ct);

        Assert.Equal(
            $$"""
            {"name":"KV_{{name}}","subjects":["$KV.{{name}}.>"],"retention":"limits","storage":"file","num_replicas":1,"max_consumers":-1,"max_msgs":-1,"max_msgs_per_subject":1,"max_bytes":-1,"max_msg_size":-1,"max_age":0,"duplicate_window":120000000000,"discard":"new","deny_delete":true,"allow_rollup_hdrs":true,"allow_direct":true}
            """,
            Sent($"$JS.API.STREAM.CREATE.KV_{name}").Body);
    }

    [Fact]
    public async Task Writes_CarryTheseHeadersAndNoOthers()
    {
        INatsKvBucket bucket = await NewRecordedBucketAsync(static config => config with { History = 5, AllowKeyTtl = true });
        var rows = new (string Headers, Func<string, ValueTask<ulong>> Write)[]
        {
            ("", key => bucket.PutAsync(key, "v", cancellationToken: Ct)),
            ("Nats-Expected-Last-Subject-Sequence: 0", key => bucket.CreateAsync(key, "v", cancellationToken: Ct)),
            ("Nats-Expected-Last-Subject-Sequence: 0", key => bucket.UpdateAsync(key, "v", 0, cancellationToken: Ct)),
            ("Nats-Rollup: sub|Nats-TTL: 60s", key => bucket.PutAsync(key, "v", TimeSpan.FromMinutes(1), Ct)),
            ("Nats-Rollup: sub|Nats-TTL: never", key => bucket.PutAsync(key, "v", TimeSpan.MaxValue, Ct)),
            ("Nats-Rollup: sub|Nats-Expected-Last-Subject-Sequence: 0|Nats-TTL: 2s", key => bucket.CreateAsync(key, "v", TimeSpan.FromSeconds(1.1), Ct)),
            ("KV-Operation: DEL", key => bucket.DeleteAsync(key, cancellationToken: Ct)),
            ("KV-Operation: DEL|Nats-Expected-Last-Subject-Sequence: 0", key => bucket.DeleteAsync(key, Expecting, Ct)),
            ("KV-Operation: DEL|Nats-Rollup: sub|Nats-TTL: 60s", key => bucket.DeleteAsync(key, Minute, Ct)),
            ("KV-Operation: PURGE|Nats-Rollup: sub", key => bucket.PurgeAsync(key, cancellationToken: Ct)),
            ("KV-Operation: PURGE|Nats-Rollup: sub|Nats-Expected-Last-Subject-Sequence: 0", key => bucket.PurgeAsync(key, Expecting, Ct)),
            ("KV-Operation: PURGE|Nats-Rollup: sub|Nats-Expected-Last-Subject-Sequence: 0|Nats-TTL: 60s", key => bucket.PurgeAsync(key, Expecting with { TimeToLive = Minute.TimeToLive }, Ct)),
        };

        for (int i = 0; i < rows.Length; i++)
        {
            string key = $"key.{i}";
            await rows[i].Write(key);

            (string headers, string body) = Sent($"$KV.{bucket.Name}.{key}");
            Assert.Equal((i, rows[i].Headers), (i, headers));
            Assert.Equal(headers.Contains("KV-Operation", StringComparison.Ordinal) ? "" : "v", body);
        }
    }

    /// <summary>Whether the bucket keeps history may change behind a client's back, so older revisions always go with what expires.</summary>
    [Fact]
    public async Task WriteWithTtl_OnHistoryOfOne_TakesOlderRevisionsWithItAllTheSame()
    {
        INatsKvBucket bucket = await NewRecordedBucketAsync(static config => config with { AllowKeyTtl = true });

        await bucket.PutAsync("key", "v", TimeSpan.FromMinutes(1), Ct);

        Assert.Equal("Nats-Rollup: sub|Nats-TTL: 60s", Sent($"$KV.{bucket.Name}.key").Headers);
    }

    [Fact]
    public async Task UserHeaders_StandBehindTheProtocolsOwn()
    {
        INatsKvBucket bucket = await NewRecordedBucketAsync();

        await bucket.PutAsync("key", new("v"u8.ToArray()), new NatsKvWriteOptions { Headers = new NatsKvHeaders { { "App", "1" }, { "app", "2" } } }, Ct);

        Assert.Equal("App: 1|app: 2", Sent($"$KV.{bucket.Name}.key").Headers);
    }

    [Fact]
    public async Task Get_AsksDirectlyWithTheKeyInTheSubjectAndNoBody()
    {
        INatsKvBucket bucket = await NewRecordedBucketAsync();
        await bucket.PutAsync("a.b", "v", cancellationToken: Ct);

        await bucket.GetAsync("a.b", Ct);

        Assert.Equal(("", ""), Sent($"$JS.API.DIRECT.GET.KV_{bucket.Name}.$KV.{bucket.Name}.a.b"));
        Assert.Equal(0, _transport!.Count("STREAM.MSG.GET"));
        Assert.Equal(0, _transport.Count("STREAM.INFO"));
    }

    [Fact]
    public async Task GetFromLeader_AsksForTheLastOfTheSubject()
    {
        INatsKvBucket bucket = await NewRecordedBucketAsync();
        await bucket.PutAsync("a.b", "v", cancellationToken: Ct);

        await bucket.GetAsync("a.b", new NatsKvReadOptions { FromLeader = true }, Ct);

        Assert.Equal(("", $$"""{"last_by_subj":"$KV.{{bucket.Name}}.a.b"}"""), Sent($"$JS.API.STREAM.MSG.GET.KV_{bucket.Name}"));
        Assert.Equal(0, _transport!.Count("DIRECT.GET"));
    }

    [Fact]
    public async Task Erase_SaysWhatAndNoMore()
    {
        INatsKvBucket bucket = await NewRecordedBucketAsync(static config => config with { History = 5 });
        (string Body, NatsKvErasure What)[] rows =
        [
            ("{}", default),
            ($$"""{"filter":"$KV.{{bucket.Name}}.a.*"}""", new NatsKvErasure { Filter = "a.*" }),
            ($$"""{"filter":"$KV.{{bucket.Name}}.a","seq":7}""", new NatsKvErasure { Filter = "a", Before = 7 }),
            ($$"""{"filter":"$KV.{{bucket.Name}}.a","keep":2}""", new NatsKvErasure { Filter = "a", Keep = 2 }),
        ];

        foreach ((string body, NatsKvErasure what) in rows)
        {
            _transport!.Sent.Clear();
            await bucket.EraseAsync(what, Ct);
            Assert.Equal(body, Sent($"$JS.API.STREAM.PURGE.KV_{bucket.Name}").Body);
        }
    }

    [Fact]
    public async Task Listing_AsksForBucketsOnlyAndFromTheBeginning()
    {
        NatsKvClient client = await NewRecordedClientAsync();

        await client.ListBucketNamesAsync(Ct).FirstOrDefaultAsync(Ct);
        await client.ListBucketsAsync(Ct).FirstOrDefaultAsync(Ct);

        Assert.Equal("""{"subject":"$KV.*.>","offset":0}""", Sent("$JS.API.STREAM.NAMES").Body);
        Assert.Equal("""{"subject":"$KV.*.>","offset":0}""", Sent("$JS.API.STREAM.LIST").Body);
    }

    [Fact]
    public async Task Bind_AsksNothing()
    {
        NatsKvClient client = await NewRecordedClientAsync();

        INatsKvBucket bucket = client.Bind(Servers.NewName());

        Assert.NotNull(bucket.Blocking);
        Assert.Empty(_transport!.Sent);
        Assert.Null(client.Server);
    }

    private async Task<NatsKvClient> NewRecordedClientAsync() => Own(new NatsKvClient(new NatsKvOptions
    {
        Url = (await Servers.GetAsync(NatsKv.Testing.NatsServerVersion.Latest)).Url, TransportFactory = context => _transport = new RecordingTransport(context),
    }));

    private async Task<INatsKvBucket> NewRecordedBucketAsync(Func<NatsKvBucketConfig, NatsKvBucketConfig>? change = null)
    {
        INatsKvBucket bucket = await NewBucketAsync(change: change);
        return (await NewRecordedClientAsync()).Bind(bucket.Name);
    }

    // The only message to a subject. A conditional write has a name of its own besides, different each time.
    private (string Headers, string Body) Sent(string subject)
    {
        (string _, byte[] headers, byte[] body) = Assert.Single(_transport!.Sent, message => message.Subject == subject);
        IEnumerable<string> lines = Encoding.UTF8.GetString(headers).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Where(static line => line != "NATS/1.0");
        return (string.Join('|', lines.Where(static line => !line.StartsWith("Nats-Msg-Id: ", StringComparison.Ordinal))), Encoding.UTF8.GetString(body).Replace("\\u003E", ">", StringComparison.Ordinal));
    }
}
