using System.Text;
using NatsKv.Testing;
using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Buckets;

/// <summary>Writes that nobody can take just now.</summary>
public sealed class WriteRetryTests(Server server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"error":{"code":503,"err_code":10163,"description":"expected last sequence per subject temporarily unavailable"}}""")]
    [InlineData("""{"error":{"code":503,"err_code":10008,"description":"JetStream system temporarily unavailable"}}""")]
    [InlineData("""{"error":{"code":409,"err_code":10158,"description":"duplicate message is in process"}}""")]
    [InlineData("""{"stream":"KV_b","seq":0,"duplicate":true}""")]
    public async Task RefusedForAMoment_IsSentAgainUntilTaken(string refusal)
    {
        int refusals = 0;
        RecordingTransport? transport = null;
        await using NatsKvClient client = server.NewClient(options => options.TransportFactory = context => transport = new RecordingTransport(context));
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = server.NewName(), Storage = NatsKvStorage.Memory }, Ct);
        transport!.Subjects.Clear();
        transport.Answer = (subject, payload) => subject.StartsWith("$KV.", StringComparison.Ordinal) && refusals++ < 4 ? Encoding.UTF8.GetBytes(refusal) : payload;

        // The fifth is taken; what the server really did with the first four doesn't matter here.
        Assert.Equal(5UL, await bucket.PutAsync("key", "value", cancellationToken: Ct));

        Assert.Equal(5, transport.Subjects.Count);
    }

    [Fact]
    public async Task RefusedAllTheTime_EndsInTimeWithTheReason()
    {
        RecordingTransport? transport = null;
        await using NatsKvClient client = server.NewClient(options =>
        {
            options.RequestTimeout = TimeSpan.FromMilliseconds(300);
            options.TransportFactory = context => transport = new RecordingTransport(context);
        });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = server.NewName(), Storage = NatsKvStorage.Memory }, Ct);
        transport!.Answer = static (subject, payload) => subject.StartsWith("$KV.", StringComparison.Ordinal)
            ? """{"error":{"code":503,"err_code":10163,"description":"not yet"}}"""u8.ToArray()
            : payload;

        NatsKvServerException thrown = await Assert.ThrowsAsync<NatsKvServerException>(async () => await bucket.PutAsync("key", "value", cancellationToken: Ct));

        Assert.Equal((10163, true), (thrown.ErrorCode, thrown.IsTransient));
    }

    [Fact]
    public async Task NobodyThere_UserMayNotAskWhy_IsToldTheReasonAndFindsABucketThatComesLate()
    {
        await using NatsServer guarded = await NatsServer.StartAsync(
            new NatsServerOptions
            {
                ExtraConfiguration = """
                    authorization {
                      users = [
                        { user: admin, password: a }
                        { user: writer, password: w, permissions: { publish: { allow: ["$KV.>"] } } }
                      ]
                    }
                    """,
            },
            Ct);
        await using var admin = new NatsKvClient(new NatsKvOptions { Url = guarded.Url, User = "admin", Password = "a" });
        await using (var hasty = new NatsKvClient(Writer(TimeSpan.FromMilliseconds(300))))
        {
            NatsKvServerException thrown = await Assert.ThrowsAsync<NatsKvServerException>(async () => await hasty.Bind("late").PutAsync("key", "value", cancellationToken: Ct));
            Assert.Equal((503, true), (thrown.Code, thrown.IsTransient));
        }

        RecordingTransport? transport = null;
        NatsKvOptions options = Writer(TimeSpan.FromSeconds(20));
        options.TransportFactory = context => transport = new RecordingTransport(context);
        await using var patient = new NatsKvClient(options);
        Task<ulong> put = patient.Bind("late").PutAsync("key", "value", cancellationToken: Ct).AsTask();
        await NatsKv.TestKit.Eventually.TrueAsync(() => transport!.Count("$KV.late") > 2, "it was sent again after it could not ask why", ct: Ct);
        Assert.False(put.IsCompleted);
        await admin.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "late", Storage = NatsKvStorage.Memory }, Ct);

        Assert.Equal(1UL, await put);

        NatsKvOptions Writer(TimeSpan timeout) => new() { Url = guarded.Url, User = "writer", Password = "w", RequestTimeout = timeout };
    }
}
