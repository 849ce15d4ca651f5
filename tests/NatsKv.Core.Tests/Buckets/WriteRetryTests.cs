using System.Text;
using NatsKv.TestKit;
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
        await using NatsKvClient client = server.NewClient(options =>
        {
            options.RequestTimeout = TimeSpan.FromMinutes(1);
            options.TransportFactory = context => transport = new RecordingTransport(context);
        });
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
        await using Refused refused = await Refused.StartAsync(server);

        NatsKvServerException thrown = await Assert.ThrowsAsync<NatsKvServerException>(() => refused.PutAsync(static (time, pause) => time.Advance(pause)));

        Assert.Equal((10163, true), (thrown.ErrorCode, thrown.IsTransient));
        Assert.InRange(refused.Passed, Refused.Timeout / 2, Refused.Timeout + Refused.Sweep);
        Assert.InRange(refused.Sent, 7, 16);
    }

    [Fact]
    public async Task TimeIsUpAfterAPause_EndsWithTheReasonToo()
    {
        await using Refused refused = await Refused.StartAsync(server);

        NatsKvServerException thrown = await Assert.ThrowsAsync<NatsKvServerException>(() => refused.PutAsync(static (time, _) => time.Stall(Refused.Timeout)));

        Assert.Equal((10163, 1), (thrown.ErrorCode, refused.Sent));
    }

    [Fact]
    public async Task NobodyThere_QuestionWhyGetsNoAnswer_IsAskedAgain()
    {
        await using Refused missing = await Refused.StartAsync(server);
        int questions = 0;
        missing.Transport.Answer = null;
        missing.Transport.BeforeRequest = subject => subject.Contains("STREAM.INFO", StringComparison.Ordinal) && ++questions == 1
            ? throw new NatsKvTimeoutException(TimeSpan.FromMilliseconds(500), "No answer.")
            : default;
        await missing.Client.DeleteBucketAsync(missing.Bucket, Ct);

        await Assert.ThrowsAsync<NatsKvBucketNotFoundException>(() => missing.PutAsync(static (time, pause) => time.Advance(pause)));

        Assert.Equal(2, questions);
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
        RecordingTransport? transport = null;
        var time = new ManualTimeProvider();
        await using (var client = new NatsKvClient(Writer(), timeProvider: time))
        await using (var refused = new Refused(client, client.Bind("late"), transport!, time))
        {
            NatsKvServerException thrown = await Assert.ThrowsAsync<NatsKvServerException>(() => refused.PutAsync(static (time, pause) => time.Advance(pause)));
            Assert.Equal((503, true), (thrown.Code, thrown.IsTransient));
        }

        await using var patient = new NatsKvClient(Writer());
        Task<ulong> put = patient.Bind("late").PutAsync("key", "value", cancellationToken: Ct).AsTask();
        await Eventually.TrueAsync(() => transport!.Count("$KV.late") > 2, "it was sent again after it could not ask why", ct: Ct);
        Assert.False(put.IsCompleted);
        await admin.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "late", Storage = NatsKvStorage.Memory }, Ct);

        Assert.Equal(1UL, await put);

        NatsKvOptions Writer() => new()
        {
            Url = guarded.Url,
            User = "writer",
            Password = "w",
            RequestTimeout = TimeSpan.FromMinutes(1),
            TransportFactory = context => transport = new RecordingTransport(context),
        };
    }

    /// <summary>A bucket whose writes are all refused, on a clock that only moves between them.</summary>
    private sealed class Refused(NatsKvClient client, INatsKvBucket bucket, RecordingTransport transport, ManualTimeProvider time) : IAsyncDisposable
    {
        public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

        /// <summary>The step of a connection's deadlines, which may go by after the last answer too.</summary>
        public static readonly TimeSpan Sweep = TimeSpan.FromMilliseconds(50);

        private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

        /// <summary>How much time has passed since the write began.</summary>
        public TimeSpan Passed { get; private set; }

        public NatsKvClient Client => client;

        public RecordingTransport Transport => transport;

        public string Bucket => bucket.Name;

        /// <summary>How many times the write was sent.</summary>
        public int Sent => transport.Count("$KV.");

        public static async Task<Refused> StartAsync(Server server)
        {
            var time = new ManualTimeProvider();
            RecordingTransport? transport = null;
            var options = new NatsKvOptions { Url = server.Url, RequestTimeout = Timeout, TransportFactory = context => transport = new RecordingTransport(context) };
            var client = new NatsKvClient(options, timeProvider: time);
            INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = server.NewName(), Storage = NatsKvStorage.Memory }, Ct);
            transport!.Answer = static (subject, payload) => subject.StartsWith("$KV.", StringComparison.Ordinal)
                ? """{"error":{"code":503,"err_code":10163,"description":"not yet"}}"""u8.ToArray()
                : payload;
            return new Refused(client, bucket, transport, time);
        }

        /// <summary>Writes, and lets each pause go by as <paramref name="pass"/> does it, given its length.</summary>
        public async Task<ulong> PutAsync(Action<ManualTimeProvider, TimeSpan> pass)
        {
            DateTimeOffset start = time.GetUtcNow();
            Task<ulong> put = bucket.PutAsync("key", "value", cancellationToken: Ct).AsTask();
            while (!put.IsCompleted)
            {
                if (transport.Answered >= transport.Asked && time.NextDue is { } due && due <= LongestPause)
                {
                    pass(time, due);
                    Passed = time.GetUtcNow() - start;
                }

                await Task.Delay(1, Ct);
            }

            return await put;
        }

        public ValueTask DisposeAsync() => client.DisposeAsync();
    }
}
