using System.Diagnostics;
using System.Text;
using NatsKv.TestKit;
using NatsKv.Testing;
using NatsKv.Transport;

namespace NatsKv.TransportContract;

/// <summary>What the client relies on when the connection or the server goes and comes, whichever the transport is.</summary>
public abstract class TransportOutageTests(NatsServerFixture server)
{
    private const int Budget = 1024 * 1024;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected abstract TransportUnderTest Open(NatsKvOptions options);

    [Fact]
    public async Task ConnectionCut_EpochGrowsByOneAndSubscriptionsGoOn()
    {
        await using TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", server.Server.Port, ct: Ct);
        await using TransportUnderTest own = Open(new NatsKvOptions { Url = proxy.Url });
        await using TransportUnderTest other = Open(new NatsKvOptions { Url = server.Url });
        INatsTransport transport = own.Transport;
        await using INatsInbox inbox = await transport.SubscribeAsync(Budget, Ct);
        await transport.FlushAsync(Ct);

        for (int round = 1; round <= 3; round++)
        {
            Assert.Equal(round, transport.Epoch);
            Task<long> next = transport.WaitForEpochAsync(round, Ct).AsTask();
            Assert.False(next.IsCompleted);
            await proxy.CutAsync();

            Assert.Equal(round + 1, await next.WaitAsync(TimeSpan.FromSeconds(60), Ct));
            await transport.FlushAsync(Ct);
            await other.Transport.PublishAsync(Message(inbox.Subject, $"{round}"), Ct);
            Assert.True(await inbox.WaitToReadAsync(Ct));
            Assert.True(inbox.TryRead(out NatsMessage message));
            Assert.Equal($"{round}", Encoding.UTF8.GetString(message.Payload.Span));
        }
    }

    [Fact]
    public async Task ConnectionCut_NoMessageOfTheNewOneIsSeenBeforeItsEpoch()
    {
        await using TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", server.Server.Port, ct: Ct);
        await using TransportUnderTest own = Open(new NatsKvOptions { Url = proxy.Url });
        await using TransportUnderTest other = Open(new NatsKvOptions { Url = server.Url });
        await using INatsInbox inbox = await own.Transport.SubscribeAsync(Budget, Ct);
        await own.Transport.FlushAsync(Ct);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        long sent = 0;
        Task sending = Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    await other.Transport.PublishAsync(Message(inbox.Subject, $"{++sent}"), CancellationToken.None);
                    await Task.Delay(1, CancellationToken.None);
                }
            },
            Ct);

        for (int round = 1; round <= 3; round++)
        {
            await proxy.CutAsync();
            long deadEpoch = round;
            long last = 0;
            while (own.Transport.Epoch == deadEpoch)
            {
                Assert.True(await inbox.WaitToReadAsync(Ct));
                while (inbox.TryRead(out NatsMessage message))
                {
                    long number = long.Parse(Encoding.UTF8.GetString(message.Payload.Span), System.Globalization.CultureInfo.InvariantCulture);

                    // A gap is where the new connection begins.
                    Assert.True(last == 0 || number == last + 1 || own.Transport.Epoch > deadEpoch, $"{last} is followed by {number} within epoch {deadEpoch}.");
                    last = number;
                }
            }
        }

        await enough.CancelAsync();
        await sending;
    }

    [Fact]
    public async Task ConnectionCut_RequestUnderWayFailsAtOnce()
    {
        await using TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", server.Server.Port, ct: Ct);
        await using TransportUnderTest own = Open(new NatsKvOptions { Url = proxy.Url, RequestTimeout = TimeSpan.FromSeconds(60) });
        await using TransportUnderTest other = Open(new NatsKvOptions { Url = server.Url });
        await using INatsInbox silent = await other.Transport.SubscribeAsync(Budget, Ct);
        await other.Transport.FlushAsync(Ct);
        Task<NatsMessage> request = own.Transport.RequestAsync(Message(silent.Subject), Ct).AsTask();
        await using INatsInbox many = await own.Transport.RequestManyAsync(Message(silent.Subject), Ct);
        Assert.True(await silent.WaitToReadAsync(Ct));
        Task<bool> reading = many.WaitToReadAsync(Ct).AsTask();

        await proxy.CutAsync();

        NatsKvConnectionException thrown = await Assert.ThrowsAsync<NatsKvConnectionException>(() => request.WaitAsync(TimeSpan.FromSeconds(20), Ct));
        Assert.Equal(NatsKvConnectionFailure.Lost, thrown.Failure);
        Assert.True(thrown.IsTransient);
        await Assert.ThrowsAsync<NatsKvConnectionException>(() => reading.WaitAsync(TimeSpan.FromSeconds(20), Ct));
    }

    [Fact]
    public async Task MessageWithATimeOfItsOwn_EndsThenWhateverTheConnectionsIs()
    {
        var patience = TimeSpan.FromSeconds(30);
        await using NatsServer killed = await NatsServer.StartAsync(ct: Ct);
        await using TransportUnderTest own = Open(new NatsKvOptions { Url = server.Url, RequestTimeout = TimeSpan.FromHours(1) });
        await using TransportUnderTest cutOff = Open(new NatsKvOptions { Url = killed.Url, RequestTimeout = TimeSpan.FromHours(1) });
        await using INatsInbox silent = await own.Transport.SubscribeAsync(Budget, Ct);
        await cutOff.Transport.FlushAsync(Ct);
        await killed.KillAsync(Ct);
        NatsOutgoingMessage message = Message(silent.Subject) with { Timeout = TimeSpan.FromMilliseconds(200) };

        NatsKvTimeoutException thrown = await Assert.ThrowsAsync<NatsKvTimeoutException>(() => own.Transport.RequestAsync(message, Ct).AsTask().WaitAsync(patience, Ct));
        await Assert.ThrowsAsync<NatsKvTimeoutException>(() => OwnThread.RunAsync(() => own.Transport.Request(message, Ct)).WaitAsync(patience, Ct));

        Assert.Equal(message.Timeout, thrown.Timeout);
        await UntilUnreachableAsync(() => cutOff.Transport.RequestAsync(message, Ct).AsTask().WaitAsync(patience, Ct));
        await UntilUnreachableAsync(() => OwnThread.RunAsync(() => cutOff.Transport.Request(message, Ct)).WaitAsync(patience, Ct));
    }

    [Fact]
    public async Task ServerKilled_CallsWaitForItUntilTheirTimeIsUp()
    {
        await using NatsServer own = await NatsServer.StartAsync(ct: Ct);
        await using TransportUnderTest one = Open(new NatsKvOptions { Url = own.Url, RequestTimeout = TimeSpan.FromSeconds(30) });
        await using TransportUnderTest hasty = Open(new NatsKvOptions { Url = own.Url, RequestTimeout = TimeSpan.FromMilliseconds(500) });
        await one.Transport.FlushAsync(Ct);
        await hasty.ConnectAsync();
        await own.KillAsync(Ct);

        NatsKvConnectionException thrown = await UntilUnreachableAsync(() => hasty.Transport.RequestAsync(Message("subject"), Ct).AsTask());
        Assert.Contains($"{own.Port}", thrown.Message, StringComparison.Ordinal);
        await UntilUnreachableAsync(() => one.Transport.RequestAsync(Message("subject") with { Timeout = TimeSpan.FromMilliseconds(50) }, Ct).AsTask());
        Assert.NotNull(one.Transport.Server);

        Task<NatsMessage> waiting = one.Transport.RequestAsync(Message("subject"), Ct).AsTask();
        Task<NatsMessage> blocking = OwnThread.RunAsync(() => one.Transport.Request(Message("subject"), Ct));
        await own.RestartAsync(ct: Ct);
        (await waiting).Dispose();
        (await blocking).Dispose();
    }

    [Fact]
    public async Task ServerNeverThere_FailsSoonWithoutCredentialsInTheMessage()
    {
        // A port that no server of another test is ever given.
        await using TransportUnderTest own = Open(new NatsKvOptions { Url = "nats://somebody:hidden@127.0.0.1:1", RequestTimeout = TimeSpan.FromSeconds(30) });
        long start = Stopwatch.GetTimestamp();

        NatsKvConnectionException thrown = await Assert.ThrowsAsync<NatsKvConnectionException>(async () => await own.Transport.FlushAsync(Ct));

        Assert.Equal(NatsKvConnectionFailure.Unreachable, thrown.Failure);
        Assert.DoesNotContain("hidden", thrown.ToString(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<NatsKvConnectionException>(() => OwnThread.RunAsync(() => own.Transport.Request(Message("subject"), Ct)));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 15);
    }

    [Fact]
    public async Task WrongPassword_IsAnAuthenticationFailure()
    {
        await using NatsServer guarded = await NatsServer.StartAsync(new NatsServerOptions { User = "u", Password = "p" }, Ct);
        await using TransportUnderTest own = Open(new NatsKvOptions { Url = guarded.Url, User = "u", Password = "wrong", ConnectTimeout = TimeSpan.FromMinutes(1), RequestTimeout = TimeSpan.FromMinutes(1) });

        NatsKvConnectionException thrown = await Assert.ThrowsAsync<NatsKvConnectionException>(async () => await own.Transport.FlushAsync(Ct));

        Assert.Equal(NatsKvConnectionFailure.Authentication, thrown.Failure);
        Assert.False(thrown.IsTransient);
        Assert.Equal(0, own.Transport.Epoch);
    }

    // The first requests may still meet the breaking connection.
    private static async Task<NatsKvConnectionException> UntilUnreachableAsync(Func<Task<NatsMessage>> request)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                (await request()).Dispose();
                Assert.Fail("Somebody answered.");
            }
            catch (NatsKvConnectionException exception) when (exception.Failure == NatsKvConnectionFailure.Unreachable)
            {
                return exception;
            }
            catch (NatsKvException exception) when (exception is NatsKvTimeoutException or NatsKvConnectionException { Failure: NatsKvConnectionFailure.Lost } && attempt < 200)
            {
            }
        }
    }

    private static NatsOutgoingMessage Message(string subject, string text = "") => new(new NatsSubject(subject), Encoding.UTF8.GetBytes(text));
}
