using System.Text;
using System.Text.Json;
using NatsKv.TestKit;
using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Buckets.LostWrites;

/// <summary>A conditional write that gets no answer ends with what became of it, never with a plain time-out.</summary>
public sealed class LostWriteTests(Server server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    public async Task OneServer_RequestOrAnswerIsLost_TheOutcomeIsFound(int history)
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(config => config with { History = history });
        await using NatsKvClient _ = client;

        await LostWriteStory.PlayAsync(server.Server, bucket);

        await using LossyLink link = await LossyLink.OpenAsync(server.Server, bucket.Name);
        var story = new LostWriteStory(link, bucket);
        await story.CreateOverAMarkerAsync();
        NatsKvWriteResult hidden = await story.RequestLostAndOverwrittenBlindlyAsync();
        Assert.Equal(new NatsKvWriteResult(IsStored: false, (await bucket.GetAsync("hidden", Ct))!.Revision), hidden);
    }

    [Fact]
    public async Task AnswerComesTooLate_TheWriteIsFound()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        var options = new NatsKvWriteOptions { ExpectedRevision = 0 };

        ulong[] revisions = await Task.WhenAll(DelayAsync("awaited", blocking: false), DelayAsync("blocking", blocking: true));

        Assert.Equal(3UL, revisions[0] + revisions[1]);
        Assert.Equal(2UL, (await bucket.GetStatusAsync(Ct)).LastRevision);

        async Task<ulong> DelayAsync(string key, bool blocking)
        {
            await using LossyLink link = await LossyLink.OpenAsync(server.Server, bucket.Name, TimeSpan.FromSeconds(8));
            return await link.DelayAnswerAsync(
                () => blocking
                    ? Task.Run(() => link.Bucket.Blocking.Put(key, new("value"u8.ToArray()), options, Ct))
                    : link.Bucket.PutAsync(key, new("value"u8.ToArray()), options, Ct).AsTask(),
                () => Eventually.TrueAsync(async () => await bucket.GetAsync(key, Ct) is not null, "it is stored", ct: Ct));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NobodyAnswersAnyMore_TheOutcomeIsUnknown(bool blocking)
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await using LossyLink link = await LossyLink.OpenAsync(server.Server, bucket.Name, TimeSpan.FromMilliseconds(400));
        link.Silence();
        Func<NatsKvWriteOptions, Task<ulong>> put = blocking
            ? options => Task.Run(() => link.Bucket.Blocking.Put("key", new("value"u8.ToArray()), options, Ct))
            : options => link.Bucket.PutAsync("key", new("value"u8.ToArray()), options, Ct).AsTask();
        var condition = new NatsKvWriteOptions { ExpectedRevision = 7 };

        NatsKvOutcomeUnknownException unknown = await Assert.ThrowsAsync<NatsKvOutcomeUnknownException>(() => SentAsync(condition));
        Assert.Equal((bucket.Name, "key", 7UL, false), (unknown.Bucket, unknown.Key, unknown.ExpectedRevision, unknown.IsTransient));
        Assert.NotNull(unknown.InnerException);

        await Assert.ThrowsAsync<NatsKvTimeoutException>(() => SentAsync(condition with { ResolveOutcome = false }));
        Assert.True((await Assert.ThrowsAsync<NatsKvTimeoutException>(() => SentAsync(default))).WasSent);

        // On a busy machine the time of a call may be up before it has sent anything: that one tells nothing here.
        async Task<ulong> SentAsync(NatsKvWriteOptions options)
        {
            for (int attempt = 1; ; attempt++)
            {
                try
                {
                    return await put(options);
                }
                catch (NatsKvTimeoutException exception) when (!exception.WasSent && attempt < 20)
                {
                }
            }
        }
    }

    [Fact]
    public async Task Conditional_AnswerIsThere_TakesOneRequestAndOnlyThenAnId()
    {
        RecordingTransport? transport = null;
        await using NatsKvClient client = server.NewClient(options => options.TransportFactory = context => transport = new RecordingTransport(context));
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = server.NewName(), Storage = NatsKvStorage.Memory, History = 5 }, Ct);
        transport!.Subjects.Clear();

        ulong created = await bucket.CreateAsync("key", "1", cancellationToken: Ct);
        ulong updated = await bucket.UpdateAsync("key", "2", created, cancellationToken: Ct);
        await bucket.PutAsync("key", new("3"u8.ToArray()), new NatsKvWriteOptions { ExpectedRevision = updated, ResolveOutcome = false }, Ct);
        await bucket.PutAsync("key", "4", cancellationToken: Ct);

        Assert.Equal(4, transport.Subjects.Count);
        await using var api = new RawApi(server.Url);
        var ids = new List<string?>();
        for (int revision = 1; revision <= 4; revision++)
        {
            JsonElement message = (await api.AskAsync($"STREAM.MSG.GET.KV_{bucket.Name}", $$"""{"seq":{{revision}}}""")).GetProperty("message");
            byte[] headers = message.TryGetProperty("hdrs", out JsonElement text) ? text.GetBytesFromBase64() : [];
            ids.Add(new NatsKvHeaderBlock(headers).TryGet("Nats-Msg-Id"u8, out ReadOnlySpan<byte> id) ? Encoding.ASCII.GetString(id) : null);
        }

        Assert.Equal([false, false, true, true], ids.Select(static id => id is null));
        Assert.NotEqual(ids[0], ids[1]);
    }

    [Fact]
    public async Task NothingWasSent_SaysSo()
    {
        await using var client = new NatsKvClient(new NatsKvOptions { Url = "nats://127.0.0.1:1", RequestTimeout = TimeSpan.FromMilliseconds(300) });
        INatsKvBucket bucket = client.Bind("bucket");

        NatsKvConnectionException thrown = await Assert.ThrowsAsync<NatsKvConnectionException>(async () => await bucket.UpdateAsync("key", "x", 1, cancellationToken: Ct));

        Assert.Equal(NatsKvConnectionFailure.Unreachable, thrown.Failure);
    }
}
