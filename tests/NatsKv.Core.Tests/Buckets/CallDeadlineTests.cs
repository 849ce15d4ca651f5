using System.Buffers;
using NatsKv.JetStream;
using NatsKv.TestKit;
using NatsKv.Tests.Connection;
using NatsKv.Tests.Robustness;
using NatsKv.Transport;

namespace NatsKv.Tests.Buckets;

/// <summary>A call has one deadline, however many requests, pauses and connections it takes.</summary>
public sealed class CallDeadlineTests
{
    private const string NobodyThere = "NATS/1.0 503\r\n\r\n";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);
    private static readonly NatsSubject Subject = new("some.", "subject");

    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Operations { get; } = new(
        "get", "get from the leader", "get revision", "put", "put with TTL", "large first put", "create", "update", "try update", "delete", "purge", "erase", "status");

    public static TheoryData<string> BlockingOperations { get; } = new("read", "put", "put with TTL", "purge");

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Handle_OwnTimeout_EndsEveryOperationThatNobodyAnswers(string operation)
    {
        await using var server = new ScriptedServer(static async (connection, _) =>
        {
            await connection.WelcomeAsync();
            await connection.ServeAsync();
        });
        await using NatsKvClient client = server.NewClient(static options => options.RequestTimeout = Long);
        INatsKvBucket bucket = client.Bind("bucket", new NatsKvBucketOptions { Timeout = Short });
        await client.PingAsync(Ct);

        NatsKvException thrown = await Assert.ThrowsAnyAsync<NatsKvException>(() => RunAsync(bucket, operation).WaitAsync(Patience, Ct));

        // What is done under a condition is followed up within the same time, and then says what that means.
        bool isConditional = operation is "create" or "update" or "try update";
        Assert.True(
            thrown is NatsKvTimeoutException { Timeout: var timeout } ? timeout <= Short : isConditional && thrown is NatsKvOutcomeUnknownException,
            $"{thrown.GetType()}: {thrown.Message}");
    }

    [Theory]
    [MemberData(nameof(BlockingOperations))]
    public async Task Handle_OwnTimeout_EndsEveryBlockingOperationThatNobodyAnswers(string operation)
    {
        await using var server = new ScriptedServer(static async (connection, _) =>
        {
            await connection.WelcomeAsync();
            await connection.ServeAsync();
        });
        await using NatsKvClient client = server.NewClient(static options => options.RequestTimeout = Long);
        INatsKvBlockingBucket bucket = client.Bind("bucket", new NatsKvBucketOptions { Timeout = Short }).Blocking;
        await client.PingAsync(Ct);

        await Assert.ThrowsAsync<NatsKvTimeoutException>(() => BlockingCalls.OnOwnThread(() => Run(bucket, operation)).WaitAsync(Patience, Ct));
    }

    [Fact]
    public async Task Handle_OwnTimeout_EndsWaitsForTheConnection()
    {
        await using var server = new ScriptedServer(static (connection, _) => connection.IgnoreAsync());
        await using NatsKvClient client = server.NewClient(static options => options.RequestTimeout = Long);
        INatsKvBucket bucket = client.Bind("bucket", new NatsKvBucketOptions { Timeout = Short });

        await Assert.ThrowsAsync<NatsKvConnectionException>(() => RunAsync(bucket, "get").WaitAsync(Patience, Ct));

        // A busy machine may not even begin to wait within that time.
        NatsKvException thrown = await Assert.ThrowsAnyAsync<NatsKvException>(() => BlockingCalls.OnOwnThread(() => Run(bucket.Blocking, "put")).WaitAsync(Patience, Ct));
        Assert.True(thrown is NatsKvConnectionException { Failure: NatsKvConnectionFailure.Unreachable } or NatsKvTimeoutException { WasSent: false }, thrown.ToString());
    }

    [Theory]
    [InlineData("get", "$JS.API.STREAM.MSG.GET.KV_bucket")]
    [InlineData("get revision", "$JS.API.STREAM.MSG.GET.KV_bucket")]
    public async Task SecondRequest_HasWhatTheFirstLeft(string operation, string second)
    {
        var asked = new TaskCompletionSource<string>();
        var answer = new TaskCompletionSource();
        await using var server = new ScriptedServer(async (connection, number) =>
        {
            await connection.WelcomeAsync();
            (_, string replyTo) = await connection.NextPublishAsync();
            asked.SetResult(replyTo);
            await answer.Task;
            await connection.SendAsync($"HMSG {replyTo} 1 {NobodyThere.Length} {NobodyThere.Length}\r\n{NobodyThere}\r\n");
            (string subject, _) = await connection.NextPublishAsync();
            Assert.Equal(second, subject);
            _time.Advance(TimeSpan.FromSeconds(200));
            await connection.ServeAsync();
        });
        await using NatsKvClient client = NewClient(server);
        Task call = RunAsync(client.Bind("bucket"), operation);
        await asked.Task.WaitAsync(Patience, Ct);

        // 450 of 600 seconds go by before the first answer, and 200 before the second, that never comes.
        _time.Advance(TimeSpan.FromSeconds(450));
        answer.SetResult();

        NatsKvTimeoutException thrown = await Assert.ThrowsAsync<NatsKvTimeoutException>(() => call.WaitAsync(Patience, Ct));
        Assert.InRange(thrown.Timeout, TimeSpan.FromSeconds(149), TimeSpan.FromSeconds(151));
    }

    [Fact]
    public async Task BlockingCall_ConnectionTookNearlyAllTheTime_WaitsForTheAnswerOnlyAsLongAsIsLeft()
    {
        var accepted = new TaskCompletionSource();
        var welcome = new TaskCompletionSource();
        await using var server = new ScriptedServer(async (connection, number) =>
        {
            accepted.SetResult();
            await welcome.Task;
            await connection.WelcomeAsync();
            await connection.ServeAsync();
        });
        await using NatsKvClient client = NewClient(server);
        INatsKvBlockingBucket bucket = client.Bind("bucket").Blocking;
        Task call = BlockingCalls.OnOwnThread(() => Run(bucket, "put"));
        await accepted.Task.WaitAsync(Patience, Ct);

        // Without regard to the wait it would have ten minutes for the answer. (A busy machine may not even be connected in what is left.)
        _time.Advance(Long - Short);
        welcome.SetResult();

        NatsKvException thrown = await Assert.ThrowsAnyAsync<NatsKvException>(() => call.WaitAsync(Patience, Ct));
        Assert.True(thrown is NatsKvTimeoutException or NatsKvConnectionException { Failure: NatsKvConnectionFailure.Unreachable }, thrown.ToString());
    }

    [Fact]
    public void Limit_Message_CarriesWhatIsLeftAndAtTheEndIsRefused()
    {
        var deadline = new CallDeadline(_time, TimeSpan.FromSeconds(5), Ct);
        var message = new NatsOutgoingMessage(Subject);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(TimeSpan.FromSeconds(3), deadline.Left);
        Assert.InRange(deadline.Limit(message).Timeout, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3.001));
        Assert.Equal(TimeSpan.FromSeconds(1), deadline.Limit(TimeSpan.FromSeconds(1)));
        Assert.Equal(TimeSpan.FromSeconds(3), deadline.Limit(TimeSpan.FromSeconds(4)));

        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.Zero, deadline.Left);
        Assert.Equal(TimeSpan.Zero, deadline.Limit(TimeSpan.FromSeconds(4)));
        NatsKvTimeoutException thrown = Assert.Throws<NatsKvTimeoutException>(() => deadline.Limit(message));
        Assert.Contains("'some.subject' was not sent any more", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(5), thrown.Timeout);
    }

    [Fact]
    public void PerRequest_LimitsNothingItself()
    {
        CallDeadline deadline = CallDeadline.PerRequest(Ct);

        Assert.Equal(TimeSpan.Zero, deadline.Limit(new NatsOutgoingMessage(Subject)).Timeout);
        Assert.Equal(Long, deadline.Limit(Long));
        Assert.Equal(Ct, deadline.Token);
    }

    [Fact]
    public async Task Timeout_NotPositiveOrTooLong_IsRefused()
    {
        await using var client = new NatsKvClient(new NatsKvOptions { Url = "nats://127.0.0.1:1" });

        foreach (TimeSpan timeout in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromTicks(-1), TimeSpan.FromDays(25), TimeSpan.MaxValue])
        {
            ArgumentException thrown = Assert.Throws<ArgumentException>(() => client.Bind("bucket", new NatsKvBucketOptions { Timeout = timeout }));
            Assert.Contains("NatsKvBucketOptions.Timeout", thrown.Message, StringComparison.Ordinal);
        }
    }

    private static async Task RunAsync(INatsKvBucket bucket, string operation)
    {
        var ttl = new NatsKvWriteOptions { TimeToLive = TimeSpan.FromSeconds(10) };
        switch (operation)
        {
            case "get":
                await bucket.GetAsync("key", Ct);
                break;
            case "get from the leader":
                await bucket.GetAsync("key", new NatsKvReadOptions { FromLeader = true }, Ct);
                break;
            case "get revision":
                await bucket.GetRevisionAsync("key", 1, Ct);
                break;
            case "put":
                await bucket.PutAsync("key", "value", cancellationToken: Ct);
                break;
            case "put with TTL":
                await bucket.PutAsync("key", default, ttl, Ct);
                break;
            case "large first put":
                await bucket.PutAsync("key", new ReadOnlySequence<byte>(new byte[100_000]), cancellationToken: Ct);
                break;
            case "create":
                await bucket.TryCreateAsync("key", default, cancellationToken: Ct);
                break;
            case "update":
                await bucket.UpdateAsync("key", "value", 1, cancellationToken: Ct);
                break;
            case "try update":
                await bucket.TryUpdateAsync("key", "value", 1, cancellationToken: Ct);
                break;
            case "delete":
                await bucket.DeleteAsync("key", cancellationToken: Ct);
                break;
            case "purge":
                await bucket.PurgeAsync("key", cancellationToken: Ct);
                break;
            case "erase":
                await bucket.EraseAsync(cancellationToken: Ct);
                break;
            case "status":
                await bucket.GetStatusAsync(Ct);
                break;
        }
    }

    private static int Run(INatsKvBlockingBucket bucket, string operation)
    {
        switch (operation)
        {
            case "read":
                bucket.Read("key", 0, static (_, _) => 0, cancellationToken: Ct);
                break;
            case "put":
                bucket.Put("key", default, cancellationToken: Ct);
                break;
            case "put with TTL":
                bucket.Put("key", default, new NatsKvWriteOptions { TimeToLive = TimeSpan.FromSeconds(10) }, Ct);
                break;
            case "purge":
                bucket.Purge("key", cancellationToken: Ct);
                break;
        }

        return 0;
    }

    private NatsKvClient NewClient(ScriptedServer server) => new(
        new NatsKvOptions { Url = server.Url, RequestTimeout = Long, ConnectTimeout = TimeSpan.FromHours(1), PingInterval = TimeSpan.FromHours(1) }, timeProvider: _time);
}
