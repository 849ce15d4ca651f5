using System.Collections.Concurrent;
using NatsKv.Tests.Connection;
using NatsKv.Tests.Robustness;

namespace NatsKv.Tests.Buckets;

/// <summary>What is too large is refused before it is sent, wherever that can be known.</summary>
public sealed class WriteLimitsTests(Server server)
{
    private const int Small = 1024;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ServersLimit_OnTheVeryFirstCallAndAfterAReconnect_IsKept(bool blocking)
    {
        var received = new ConcurrentQueue<string>();
        await using var scripted = new ScriptedServer(async (connection, number) =>
        {
            // The first takes little, the next much, the last little again.
            await connection.WelcomeAsync(number == 1 ? Small * 4 : Small);
            while (true)
            {
                (string subject, string replyTo) = await connection.NextPublishAsync();
                received.Enqueue(subject);
                if (subject == "$KV.bucket.bye")
                {
                    return;
                }

                await connection.ReplyAsync(replyTo, """{"stream":"KV_bucket","seq":1}""");
            }
        });
        await using NatsKvClient client = scripted.NewClient();
        INatsKvBucket bucket = client.Bind("bucket");

        NatsKvValueTooLargeException first = await Assert.ThrowsAsync<NatsKvValueTooLargeException>(() => PutAsync("first", Small + 1));
        Assert.Equal(("bucket", "first", (long?)(Small + 1), (long?)Small), (first.Bucket, first.Key, first.Size, first.Limit));
        await PutAsync("fits", Small);
        await ByeAsync();
        await PutAsync("larger", Small * 4);
        await ByeAsync();
        await Assert.ThrowsAsync<NatsKvValueTooLargeException>(() => PutAsync("last", Small * 4));
        await Assert.ThrowsAsync<NatsKvValueTooLargeException>(async () => await bucket.UpdateAsync("conditional", new byte[Small], 1, cancellationToken: Ct));
        await PutAsync("alive", Small);

        Assert.Equal(["$KV.bucket.fits", "$KV.bucket.bye", "$KV.bucket.larger", "$KV.bucket.bye", "$KV.bucket.alive"], received);
        Assert.Equal(3, scripted.Accepted);

        Task PutAsync(string key, int size) => blocking
            ? Task.Run(() => bucket.Blocking.Put(key, new(new byte[size]), default, Ct))
            : bucket.PutAsync(key, new byte[size], cancellationToken: Ct).AsTask();

        async Task ByeAsync() => await Assert.ThrowsAsync<NatsKvConnectionException>(async () => await bucket.PutAsync("bye", "", cancellationToken: Ct));
    }

    [Fact]
    public async Task BucketsLimit_OnceKnown_IsKeptBeforeAnythingIsSentAndAskedAnewBeforeItIsEnforced()
    {
        RecordingTransport? transport = null;
        await using NatsKvClient client = server.NewClient(options => options.TransportFactory = context => transport = new RecordingTransport(context));
        INatsKvBucket bucket = await client.CreateBucketAsync(
            new NatsKvBucketConfig { Bucket = server.NewName(), Storage = NatsKvStorage.Memory, MaxValueSize = 100 }, Ct);
        INatsKvBucket bound = client.Bind(bucket.Name);

        // Unknown: the server refuses. It counts headers, ours too.
        NatsKvValueTooLargeException thrown = await Assert.ThrowsAsync<NatsKvValueTooLargeException>(async () => await bound.PutAsync("key", new byte[101], cancellationToken: Ct));
        Assert.Equal(101, thrown.Size);
        await bound.PutAsync("key", new byte[100], cancellationToken: Ct);
        await bucket.PutAsync("key", new byte[100], cancellationToken: Ct);

        transport!.Subjects.Clear();
        foreach (Func<Task> put in (Func<Task>[])
            [
                async () => await bucket.PutAsync("key", new byte[101], cancellationToken: Ct),
                async () => await bucket.TryUpdateAsync("key", new byte[99], 1, cancellationToken: Ct),
                () => Task.Run(() => bucket.Blocking.Put("key", new(new byte[101]), default, Ct)),
            ])
        {
            thrown = await Assert.ThrowsAsync<NatsKvValueTooLargeException>(put);
            Assert.Equal(100, thrown.Limit);
        }

        // A blocking handle begins without knowledge of its own.
        Assert.True(transport.Count("$KV.") <= 1);

        await client.UpdateBucketAsync(bucket.Name, static config => config with { MaxValueSize = 1000 }, Ct);
        await bucket.PutAsync("key", new byte[1000], cancellationToken: Ct);
    }

    [Fact]
    public async Task Headers_MoreThanServersTake_AreRefusedBeforeAnythingIsSent()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        int most = ushort.MaxValue - "NATS/1.0\r\nX: \r\n\r\n".Length;

        await bucket.PutAsync("key", new("value"u8.ToArray()), With(most), Ct);
        ArgumentException thrown = await Assert.ThrowsAsync<ArgumentException>(async () => await bucket.PutAsync("key", new("value"u8.ToArray()), With(most + 1), Ct));

        Assert.Contains("65536", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(1UL, (await bucket.GetStatusAsync(Ct)).LastRevision);

        static NatsKvWriteOptions With(int length) => new() { Headers = new NatsKvHeaders { { "X", new string('x', length) } } };
    }
}
