using NatsKv.TestKit;
using NatsKv.Tests.Connection;
using NatsKv.Wire;

namespace NatsKv.Tests.Robustness;

/// <summary>Whatever a server sends, the client says clearly what is wrong, connects again, and neither hangs nor grows.</summary>
public sealed class HostileServerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("PING\r\n")]
    [InlineData("INFO no json\r\n")]
    [InlineData("INFO []\r\n")]
    [InlineData("INFO {\"max_payload\":\"x\"}\r\n")]
    [InlineData("INFO {\"headers\":true,\"version\":null}\r\n")]
    [InlineData("INFO {\"headers\":false,\"version\":\"2.1\"}\r\n")]
    [InlineData("MSG s 1 5\r\nhello\r\n")]
    public async Task Handshake_NoNatsServer_IsAProtocolFailureAtOnce(string greeting)
    {
        await using var server = new ScriptedServer(async (connection, _) =>
        {
            await connection.SendAsync(greeting);
            await connection.IgnoreAsync();
        });
        await using NatsKvClient client = server.NewClient();

        NatsKvConnectionException thrown = await FailToPingAsync(client);

        Assert.Equal(NatsKvConnectionFailure.Protocol, thrown.Failure);
        Assert.Contains(server.Url, thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INFO {", FrameParser.MaxInfoLine)]
    [InlineData("", FrameParser.MaxControlLine)]
    public async Task Handshake_LineWithoutEnd_IsAProtocolFailureAtOnce(string start, int limit)
    {
        await using var server = new ScriptedServer(async (connection, _) =>
        {
            await connection.SendAsync(start.PadRight(limit + 1, 'x'));
            await connection.IgnoreAsync();
        });
        await using NatsKvClient client = server.NewClient();

        Assert.Equal(NatsKvConnectionFailure.Protocol, (await FailToPingAsync(client)).Failure);
    }

    [Fact]
    public async Task Handshake_LongInfo_IsTaken()
    {
        await using var server = new ScriptedServer(async (connection, _) =>
        {
            await connection.SendAsync(ScriptedConnection.Info.Replace("{", "{\"connect_urls\":[\"" + new string('x', 200_000) + "\"],", StringComparison.Ordinal)[..^2]);
            await connection.SendAsync("\r\nPONG\r\n");
            await connection.ServeAsync();
        });
        await using NatsKvClient client = server.NewClient();

        await client.PingAsync(Ct).AsTask().WaitAsync(Patience, Ct);
        Assert.Equal("scripted", client.Server!.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("INF")]
    [InlineData("INFO {\"headers\":true")]
    [InlineData(ScriptedConnection.Info)]
    public async Task Handshake_ServerCloses_IsUnreachableAtOnce(string greeting)
    {
        await using var server = new ScriptedServer((connection, _) => connection.SendAsync(greeting));
        await using NatsKvClient client = server.NewClient();

        Assert.Equal(NatsKvConnectionFailure.Unreachable, (await FailToPingAsync(client)).Failure);
    }

    [Theory]
    [InlineData("")]
    [InlineData("INFO {\"headers\":true")]
    [InlineData(ScriptedConnection.Info)]
    public async Task Handshake_ServerFallsSilent_IsUnreachableAfterTheConnectTimeout(string greeting)
    {
        await using var server = new ScriptedServer(async (connection, _) =>
        {
            await connection.SendAsync(greeting);
            await connection.IgnoreAsync();
        });
        await using NatsKvClient client = server.NewClient(static options => options.ConnectTimeout = TimeSpan.FromMilliseconds(100));

        Assert.Equal(NatsKvConnectionFailure.Unreachable, (await FailToPingAsync(client)).Failure);
    }

    [Theory]
    [InlineData("garbage\r\n")]
    [InlineData("MSG\r\n")]
    [InlineData("MSG s 1 -1\r\n")]
    [InlineData("MSG s 1 67108865\r\n")]
    [InlineData("MSG s 1 99999999999999999999\r\n")]
    [InlineData("HMSG s 1 20 10\r\n")]
    [InlineData("MSG s 1 1\r\nxxx")]
    [InlineData("\0\0\0\0\r\n")]
    public async Task Connected_ServerSendsNoProtocol_FailsWhatIsUnderWayAndConnectsAgain(string garbage)
    {
        await using var server = new ScriptedServer(async (connection, number) =>
        {
            await connection.WelcomeAsync();
            if (number == 0)
            {
                await connection.NextPublishAsync();
                await connection.SendAsync(garbage);
                await connection.IgnoreAsync();
            }

            await connection.ServeAsync();
        });
        await using NatsKvClient client = server.NewClient();

        NatsKvConnectionException thrown = await Assert.ThrowsAsync<NatsKvConnectionException>(
            () => client.Bind("b").PutAsync("k", "v", cancellationToken: Ct).AsTask().WaitAsync(Patience, Ct));
        await client.PingAsync(Ct).AsTask().WaitAsync(Patience, Ct);

        Assert.Equal(NatsKvConnectionFailure.Lost, thrown.Failure);
        Assert.IsType<WireProtocolException>(thrown.InnerException?.InnerException);
        Assert.Contains("whether it took place is unknown", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MS")]
    [InlineData("MSG s 1 5\r\nhel")]
    [InlineData("HMSG s 1 12 17\r\nNATS/1.0\r\n")]
    [InlineData("MSG s 1 67108864\r\n")]
    public async Task Connected_HalfAFrameAndTheEnd_FailsWhatIsUnderWayAndConnectsAgain(string half)
    {
        await using var server = new ScriptedServer(async (connection, number) =>
        {
            await connection.WelcomeAsync();
            if (number == 0)
            {
                await connection.NextPublishAsync();
                await connection.SendAsync(half);
                return;
            }

            await connection.ServeAsync();
        });
        await using NatsKvClient client = server.NewClient();

        await Assert.ThrowsAsync<NatsKvConnectionException>(() => client.Bind("b").PutAsync("k", "v", cancellationToken: Ct).AsTask().WaitAsync(Patience, Ct));
        await client.PingAsync(Ct).AsTask().WaitAsync(Patience, Ct);

        Assert.Equal(2, server.Accepted);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MSG s 1 5\r\nhel")]
    [InlineData("PIN")]
    public async Task Connected_HalfAFrameAndSilence_IsFoundOutByPings(string half)
    {
        var time = new ManualTimeProvider();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new ScriptedServer(async (connection, number) =>
        {
            await connection.WelcomeAsync();
            if (number == 0)
            {
                await connection.SendAsync(half);
                await connection.HearPingAsync();
                asked.SetResult();
                await connection.IgnoreAsync();
            }

            await connection.ServeAsync();
        });
        await using NatsKvClient client = server.NewClient(
            static options => (options.PingInterval, options.RequestTimeout, options.ConnectTimeout) = (TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), TimeSpan.FromDays(1)), time);
        Task ping = client.PingAsync(Ct).AsTask();
        await asked.Task.WaitAsync(Patience, Ct);

        NatsKvConnectionException thrown = await Assert.ThrowsAsync<NatsKvConnectionException>(() => PassTimeUntilAsync(ping));
        await PassTimeUntilAsync(client.ConnectAsync());

        Assert.Contains("did not answer", thrown.Message, StringComparison.Ordinal);

        async Task PassTimeUntilAsync(Task call)
        {
            while (!call.IsCompleted)
            {
                time.Advance(TimeSpan.FromMilliseconds(20));
                await Task.Delay(1, Ct);
            }

            await call;
        }
    }

    [Fact]
    public async Task Connected_MessagesThatNobodyAskedFor_ArePassedOver()
    {
        await using var server = new ScriptedServer(async (connection, _) =>
        {
            await connection.WelcomeAsync();
            await connection.SendAsync("PONG\r\nPONG\r\n+OK\r\nINFO {}\r\nINFO no json\r\n-ERR 'what'\r\n-ERR\r\n-ERR 'Permissions Violation for Publish to \"'\r\n");
            await connection.SendAsync("MSG s 99 1\r\nx\r\nMSG s 1 1\r\nx\r\nMSG _INBOX.0000000000000000000000.ffffffffffffffff 1 1\r\nx\r\n");
            string replyTo = (await connection.NextPublishAsync()).ReplyTo;
            string shared = replyTo[..^16];
            await connection.ReplyAsync(shared + "00000000ffffffff", "stale");
            await connection.ReplyAsync(shared + "7fffffff00000001", "no such slot");
            await connection.ReplyAsync(shared + "zzzzzzzzzzzzzzzz", "no token");
            await connection.ReplyAsync(replyTo, "{\"stream\":\"KV_b\",\"seq\":7}");
            await connection.ReplyAsync(replyTo, "{\"stream\":\"KV_b\",\"seq\":8}");
            await connection.ServeAsync();
        });
        await using NatsKvClient client = server.NewClient();

        Assert.Equal(7UL, await client.Bind("b").PutAsync("k", "v", cancellationToken: Ct).AsTask().WaitAsync(Patience, Ct));
        await client.PingAsync(Ct).AsTask().WaitAsync(Patience, Ct);
        Assert.Equal(1, server.Accepted);
    }

    [Theory]
    [InlineData("")]
    [InlineData("+OK")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("{\"seq\":\"7\"}")]
    [InlineData("{\"seq\":-7}")]
    [InlineData("{\"error\":{\"code\":400,\"err_code\":10071,\"description\":null}}")]
    public async Task Put_UnreadableAnswer_IsAClearExceptionAndTheConnectionLives(string answer)
    {
        await using ScriptedServer server = Answering(answer);
        await using NatsKvClient client = server.NewClient();

        NatsKvException thrown = await Assert.ThrowsAsync<NatsKvException>(
            () => client.Bind("b").PutAsync("k", "v", cancellationToken: Ct).AsTask().WaitAsync(Patience, Ct));
        await client.PingAsync(Ct).AsTask().WaitAsync(Patience, Ct);

        Assert.Contains("'k' in bucket 'b'", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(1, server.Accepted);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"config\":{\"max_msgs_per_subject\":1},\"state\":null}")]
    [InlineData("{\"config\":{\"max_msgs_per_subject\":1},\"created\":\"x\"}")]
    [InlineData("{\"error\":{\"code\":\"x\"}}")]
    public async Task Status_UnreadableAnswer_IsAClearExceptionAndTheConnectionLives(string answer)
    {
        await using ScriptedServer server = Answering(answer);
        await using NatsKvClient client = server.NewClient();

        NatsKvException thrown = await Assert.ThrowsAsync<NatsKvException>(() => client.Bind("b").GetStatusAsync(Ct).AsTask().WaitAsync(Patience, Ct));
        await client.PingAsync(Ct).AsTask().WaitAsync(Patience, Ct);

        Assert.Contains("STREAM.INFO.KV_b' can't be read", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_NonsenseForAnswers_IsInterruptedAndTriesAgain()
    {
        await using ScriptedServer server = Answering("{\"config\":{\"max_msgs_per_subject\":1},\"state\":null,\"delivered\":null}");
        await using NatsKvClient client = server.NewClient();
        int interruptions = 0;
        await using INatsKvWatch watch = client.Bind("b").StartWatch(new Watching.RecordingHandler(static _ => { }, _ => Interlocked.Increment(ref interruptions)));

        await Eventually.TrueAsync(() => Volatile.Read(ref interruptions) >= 3, "interruptions", ct: Ct);

        Assert.Equal(NatsKvWatchState.Starting, watch.State);
    }

    [Fact]
    public async Task Error_ThatClosesNothing_IsNotTheReasonOfALaterLoss()
    {
        await using var server = new ScriptedServer(async (connection, _) =>
        {
            await connection.WelcomeAsync();
            await connection.SendAsync("-ERR 'Permissions Violation for Publish to \"other\"'\r\n");
            await connection.NextPublishAsync();
        });
        await using NatsKvClient client = server.NewClient();

        NatsKvConnectionException thrown = await Assert.ThrowsAsync<NatsKvConnectionException>(
            () => client.Bind("b").PutAsync("k", "v", cancellationToken: Ct).AsTask().WaitAsync(Patience, Ct));

        Assert.DoesNotContain("Permissions", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Error_ThatCloses_IsTheReason()
    {
        await using var server = new ScriptedServer(async (connection, _) =>
        {
            await connection.WelcomeAsync();
            await connection.NextPublishAsync();
            await connection.SendAsync("-ERR 'Stale Connection'\r\n");
        });
        await using NatsKvClient client = server.NewClient();

        NatsKvConnectionException thrown = await Assert.ThrowsAsync<NatsKvConnectionException>(
            () => client.Bind("b").PutAsync("k", "v", cancellationToken: Ct).AsTask().WaitAsync(Patience, Ct));

        Assert.Contains("Stale Connection", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Permission_SeveralRequestsRefusedAtOnce_EachGetsAnExceptionOfItsOwn()
    {
        await using var server = new ScriptedServer(async (connection, _) =>
        {
            await connection.WelcomeAsync();
            await connection.NextPublishAsync();
            await connection.NextPublishAsync();
            await connection.SendAsync("-ERR 'Permissions Violation for Publish to \"$KV.b.k\"'\r\n");
            await connection.ServeAsync();
        });
        await using NatsKvClient client = server.NewClient();
        Task<ulong>[] puts = [.. Enumerable.Range(0, 2).Select(_ => client.Bind("b").PutAsync("k", "v", cancellationToken: Ct).AsTask())];

        NatsKvPermissionException first = await Assert.ThrowsAsync<NatsKvPermissionException>(() => puts[0].WaitAsync(Patience, Ct));
        NatsKvPermissionException second = await Assert.ThrowsAsync<NatsKvPermissionException>(() => puts[1].WaitAsync(Patience, Ct));

        Assert.NotSame(first, second);
    }

    [Fact]
    public async Task ServerStopsReading_CallsEndAfterTheirTime()
    {
        var time = new TaskCompletionSource();
        var reads = new TaskCompletionSource();
        await using var server = new ScriptedServer(async (connection, _) =>
        {
            await connection.WelcomeAsync();
            await connection.NextPublishAsync();
            reads.TrySetResult();
            await time.Task;
        });
        await using NatsKvClient client = server.NewClient(static options => options.RequestTimeout = TimeSpan.FromMilliseconds(300));
        byte[] value = new byte[1_000_000];
        INatsKvBucket bucket = client.Bind("b");

        // To connect may take longer than a call waits.
        await Eventually.TrueAsync(
            async () =>
            {
                await ((Task)bucket.PutAsync("first", "v", cancellationToken: Ct).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return reads.Task.IsCompleted;
            },
            "the server has read something",
            Patience,
            Ct);
        Task[] puts = [.. Enumerable.Range(0, 60).Select(i => bucket.PutAsync($"k{i}", value, cancellationToken: Ct).AsTask())];

        // The last ones found no room; pings would break this connection only after a minute.
        foreach (Task put in puts)
        {
            await Assert.ThrowsAsync<NatsKvTimeoutException>(() => put.WaitAsync(Patience, Ct));
        }

        time.SetResult();
    }

    private static ScriptedServer Answering(string answer) => new(async (connection, _) =>
    {
        await connection.WelcomeAsync();
        while (true)
        {
            string replyTo = (await connection.NextPublishAsync()).ReplyTo;
            if (replyTo.StartsWith("_INBOX", StringComparison.Ordinal))
            {
                await connection.ReplyAsync(replyTo, answer);
            }
        }
    });

    private static async Task<NatsKvConnectionException> FailToPingAsync(NatsKvClient client)
    {
        NatsKvConnectionException thrown = await Assert.ThrowsAsync<NatsKvConnectionException>(() => client.PingAsync(Ct).AsTask().WaitAsync(Patience, Ct));
        Assert.All(thrown.Message, static c => Assert.False(char.IsControl(c)));
        return thrown;
    }
}
