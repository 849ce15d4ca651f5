using System.Buffers;
using System.Diagnostics;
using System.Text;
using NatsKv.TestKit;
using NatsKv.Testing;
using NatsKv.Transport;

namespace NatsKv.TransportContract;

/// <summary>What the client relies on in a transport, whichever it is.</summary>
public abstract class TransportTests(NatsServerFixture server)
{
    private const int Budget = 1024 * 1024;

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected NatsServerFixture Server { get; } = server;

    protected abstract TransportUnderTest Open(NatsKvOptions options);

    [Fact]
    public async Task NothingIsConnectedBeforeTheFirstUse_ThenTheServerIsKnown()
    {
        await using TransportUnderTest own = Open();
        INatsTransport transport = own.Transport;
        Assert.Equal(0, transport.Epoch);
        Assert.Null(transport.Server);

        await transport.FlushAsync(Ct);

        Assert.Equal(1, transport.Epoch);
        Assert.Equal(Server.Server.Version, transport.Server!.Version);
        Assert.True(transport.Server.JetStream);
        Assert.True(transport.Server.ApiLevel >= 1, $"API level {transport.Server.ApiLevel}");
        Assert.Equal(1024 * 1024, transport.Server.MaxPayload);
        Assert.Equal(1, await transport.WaitForEpochAsync(0, Ct));
    }

    [Fact]
    public async Task Request_NobodyThere_IsAStatusReply()
    {
        await using TransportUnderTest own = Open();

        using NatsMessage reply = await own.Transport.RequestAsync(Message(Server.NewName("nobody")), Ct);
        using NatsMessage blocking = await OwnThread.RunAsync(() => own.Transport.Request(Message(Server.NewName("nobody")), Ct));

        Assert.StartsWith("NATS/1.0 503", Encoding.UTF8.GetString(reply.Headers.Bytes), StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", Encoding.UTF8.GetString(reply.Headers.Bytes), StringComparison.Ordinal);
        Assert.StartsWith("NATS/1.0 503", Encoding.UTF8.GetString(blocking.Headers.Bytes), StringComparison.Ordinal);
        Assert.Equal(0, reply.Payload.Length);
    }

    [Fact]
    public async Task LargerThanTheServerTakes_IsRefusedOnTheFirstCallTooAndTheConnectionStays()
    {
        await using TransportUnderTest own = Open();
        int limit = 1024 * 1024;
        byte[] headers = "NATS/1.0\r\nA: b\r\n\r\n"u8.ToArray();
        NatsOutgoingMessage tooLarge = new(new NatsSubject(Server.NewName("large")), headers, new ReadOnlySequence<byte>(new byte[limit + 1 - headers.Length]));

        NatsMessageTooLargeException thrown = await Assert.ThrowsAsync<NatsMessageTooLargeException>(async () => await own.Transport.RequestAsync(tooLarge, Ct));
        Assert.Equal((limit + 1, limit), (thrown.Size, thrown.Limit));
        await Assert.ThrowsAsync<NatsMessageTooLargeException>(async () => await OwnThread.RunAsync(() => own.Transport.Request(tooLarge, Ct)));
        await Assert.ThrowsAsync<NatsMessageTooLargeException>(async () => await own.Transport.PublishAsync(tooLarge, Ct));

        var largest = new NatsOutgoingMessage(tooLarge.Subject, headers, tooLarge.Payload.Slice(1));
        using NatsMessage reply = await own.Transport.RequestAsync(largest, Ct);
        Assert.StartsWith("NATS/1.0 503", Encoding.UTF8.GetString(reply.Headers.Bytes), StringComparison.Ordinal);
        Assert.Equal(1, own.Transport.Epoch);
    }

    [Fact]
    public async Task Request_HeadersAndPayloadCrossAsTheyAre()
    {
        const string block = "NATS/1.0\r\nB: 1\r\na: two words\r\nA: upper\r\nEmpty: \r\nTwice: 1\r\nTwice: 2\r\n\r\n";
        await using TransportUnderTest own = Open();
        await using TransportUnderTest other = Open();
        await using INatsInbox inbox = await other.Transport.SubscribeAsync(Budget, Ct);
        await other.Transport.FlushAsync(Ct);
        Task answering = AnswerAsync(other.Transport, inbox, echoes: 2);
        var payload = new ReadOnlySequence<byte>(new byte[] { 1, 0, 13, 10, 255 });
        var message = new NatsOutgoingMessage(new NatsSubject(inbox.Subject), Encoding.UTF8.GetBytes(block), payload);

        using NatsMessage reply = await own.Transport.RequestAsync(message, Ct);
        using NatsMessage blocking = await OwnThread.RunAsync(() => own.Transport.Request(message, Ct));

        await answering;
        foreach (NatsMessage echo in new[] { reply, blocking })
        {
            Assert.Equal(block, Encoding.UTF8.GetString(echo.Headers.Bytes));
            Assert.Equal(payload.ToArray(), echo.Payload.ToArray());
        }
    }

    [Fact]
    public async Task Request_ManyAtOnce_EachGetsItsOwnReply()
    {
        const int count = 500;
        await using TransportUnderTest own = Open();
        await using TransportUnderTest other = Open();
        await using INatsInbox inbox = await other.Transport.SubscribeAsync(Budget, Ct);
        await other.Transport.FlushAsync(Ct);
        Task answering = AnswerAsync(other.Transport, inbox, count);

        string[] replies = await Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
        {
            using NatsMessage reply = await own.Transport.RequestAsync(Message(inbox.Subject, $"{i}"), Ct);
            return Text(reply);
        }));

        await answering;
        Assert.Equal(Enumerable.Range(0, count).Select(static i => $"{i}"), replies);
    }

    [Fact]
    public async Task BeginRequest_WhateverGoesWrong_IsToldToTheHandlerOnce()
    {
        await using TransportUnderTest own = Open(static options => options.RequestTimeout = TimeSpan.FromMinutes(1));
        await using INatsInbox silent = await own.Transport.SubscribeAsync(Budget, Ct);
        using var soon = new CancellationTokenSource();
        HandledReply replied = new(), cancelled = new(), cancelledBefore = new(), disposed = new(), tooLate = new();

        own.Transport.BeginRequest(Message(Server.NewName("nobody")), replied, Ct);
        own.Transport.BeginRequest(Message(silent.Subject), cancelled, soon.Token);
        own.Transport.BeginRequest(Message(silent.Subject), disposed, Ct);
        using NatsMessage reply = await replied.Task;
        await soon.CancelAsync();
        own.Transport.BeginRequest(Message(silent.Subject), cancelledBefore, soon.Token);
        Assert.Equal(soon.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Task)).CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelledBefore.Task);
        await own.Transport.DisposeAsync();
        own.Transport.BeginRequest(Message(silent.Subject), tooLate, Ct);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => disposed.Task);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => tooLate.Task);
        Assert.All([replied, cancelled, cancelledBefore, disposed, tooLate], static handler => Assert.Equal(1, handler.Outcomes));
    }

    [Fact]
    public async Task Request_NoAnswer_TimesOut()
    {
        await using TransportUnderTest own = Open(options => options.RequestTimeout = TimeSpan.FromMilliseconds(300));
        await own.ConnectAsync();
        await using INatsInbox silent = await own.Transport.SubscribeAsync(Budget, Ct);
        long start = Stopwatch.GetTimestamp();

        NatsKvTimeoutException thrown =
            await Assert.ThrowsAsync<NatsKvTimeoutException>(async () => await own.Transport.RequestAsync(Message(silent.Subject), Ct));
        await Assert.ThrowsAsync<NatsKvTimeoutException>(() => OwnThread.RunAsync(() => own.Transport.Request(Message(silent.Subject), Ct)));

        Assert.Contains(silent.Subject, thrown.Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromMilliseconds(300), thrown.Timeout);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.5, 10);
    }

    [Fact]
    public async Task Request_Cancelled_Ends()
    {
        await using TransportUnderTest own = Open();
        await using INatsInbox silent = await own.Transport.SubscribeAsync(Budget, Ct);
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await own.Transport.RequestAsync(Message(silent.Subject), soon.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => OwnThread.RunAsync(() => own.Transport.Request(Message(silent.Subject), soon.Token)));
    }

    [Fact]
    public async Task RequestMany_AllRepliesComeInOrder()
    {
        await using TransportUnderTest own = Open();
        await using TransportUnderTest other = Open();
        await using INatsInbox inbox = await other.Transport.SubscribeAsync(Budget, Ct);
        await other.Transport.FlushAsync(Ct);

        await using INatsInbox replies = await own.Transport.RequestManyAsync(Message(inbox.Subject), Ct);
        Assert.True(await inbox.WaitToReadAsync(Ct));
        Assert.True(inbox.TryRead(out NatsMessage request));
        string replyTo = Encoding.ASCII.GetString(request.ReplyTo);
        for (int i = 0; i < 100; i++)
        {
            await other.Transport.PublishAsync(Message(replyTo, $"{i}"), Ct);
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(static i => $"{i}"), await ReadAsync(replies, 100));
    }

    [Fact]
    public async Task RequestMany_NobodyThere_IsAStatusReply()
    {
        await using TransportUnderTest own = Open();

        await using INatsInbox replies = await own.Transport.RequestManyAsync(Message(Server.NewName("nobody")), Ct);

        Assert.True(await replies.WaitToReadAsync(Ct));
        Assert.True(replies.TryRead(out NatsMessage reply));
        Assert.StartsWith("NATS/1.0 503", Encoding.UTF8.GetString(reply.Headers.Bytes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inbox_Disposed_IsUnsubscribedAndItsReaderEnds()
    {
        await using TransportUnderTest own = Open();
        INatsInbox inbox = await own.Transport.SubscribeAsync(Budget, Ct);
        Task<bool> reading = inbox.WaitToReadAsync(Ct).AsTask();

        await inbox.DisposeAsync();
        await own.Transport.FlushAsync(Ct);

        Assert.False(await reading.WaitAsync(TimeSpan.FromSeconds(10), Ct));
        Assert.False(await inbox.WaitToReadAsync(Ct));
        using NatsMessage reply = await own.Transport.RequestAsync(Message(inbox.Subject), Ct);
        Assert.StartsWith("NATS/1.0 503", Encoding.UTF8.GetString(reply.Headers.Bytes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inbox_ReadTooSlowly_HandsOutWhatItHasAndThenFails_NobodyElseIsHarmed()
    {
        await using TransportUnderTest own = Open();
        await using INatsInbox slow = await own.Transport.SubscribeAsync(1000, Ct);
        await using INatsInbox other = await own.Transport.SubscribeAsync(Budget, Ct);
        for (int i = 0; i < 20; i++)
        {
            await own.Transport.PublishAsync(Message(slow.Subject, new string('x', 100)), Ct);
        }

        await own.Transport.PublishAsync(Message(other.Subject, "there"), Ct);
        Assert.Equal(["there"], await ReadAsync(other, 1));

        int kept = 0;
        await Assert.ThrowsAsync<NatsInboxOverflowException>(async () =>
        {
            while (await slow.WaitToReadAsync(Ct))
            {
                kept += slow.TryRead(out _) ? 1 : 0;
            }
        });
        Assert.InRange(kept, 5, 9);
    }

    [Fact]
    public async Task Inbox_WaitCancelled_CanBeReadOn()
    {
        await using TransportUnderTest own = Open();
        await using INatsInbox inbox = await own.Transport.SubscribeAsync(Budget, Ct);
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await inbox.WaitToReadAsync(soon.Token));
        await own.Transport.PublishAsync(Message(inbox.Subject, "later"), Ct);

        Assert.Equal(["later"], await ReadAsync(inbox, 1));
    }

    [Fact]
    public async Task Disposed_EverythingUnderWayEndsAndNothingBegins()
    {
        await using TransportUnderTest own = Open();
        INatsTransport transport = own.Transport;
        INatsInbox silent = await transport.SubscribeAsync(Budget, Ct);
        Task<NatsMessage> request = transport.RequestAsync(Message(silent.Subject), Ct).AsTask();
        Assert.True(await silent.WaitToReadAsync(Ct));
        Assert.True(silent.TryRead(out _));
        Task<bool> reading = silent.WaitToReadAsync(Ct).AsTask();

        await transport.DisposeAsync();
        transport.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => request.WaitAsync(TimeSpan.FromSeconds(10), Ct));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reading.WaitAsync(TimeSpan.FromSeconds(10), Ct));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await transport.RequestAsync(Message("subject"), Ct));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await transport.PublishAsync(Message("subject"), Ct));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => OwnThread.RunAsync(() => transport.Request(Message("subject"), Ct)));
        await silent.DisposeAsync();
    }

    [Fact]
    public async Task ForbiddenSubject_FailsAtOnceNamingIt()
    {
        await using NatsServer guarded = await NatsServer.StartAsync(
            new NatsServerOptions
            {
                ExtraConfiguration = """
                    authorization {
                      users = [ { user: u, password: p, permissions: { publish: { deny: ["secret.>"] } } } ]
                    }
                    """,
                User = null,
            },
            Ct);
        await using TransportUnderTest own = Open(options => (options.Url, options.User, options.Password) = (guarded.Url, "u", "p"));

        NatsKvPermissionException thrown =
            await Assert.ThrowsAsync<NatsKvPermissionException>(async () => await own.Transport.RequestAsync(Message("secret.door"), Ct));

        Assert.Equal("secret.door", thrown.Subject);
    }

    [Fact]
    public async Task ForbiddenInbox_RequestsFailNamingIt_LaterOnesAtOnce()
    {
        await using NatsServer guarded = await NatsServer.StartAsync(
            new NatsServerOptions
            {
                ExtraConfiguration = """
                    authorization {
                      users = [ { user: u, password: p, permissions: { subscribe: { deny: ["_INBOX.>"] } } } ]
                    }
                    """,
                User = null,
            },
            Ct);
        await using TransportUnderTest own = Open(options => (options.Url, options.User, options.Password, options.RequestTimeout) = (guarded.Url, "u", "p", TimeSpan.FromSeconds(30)));
        INatsTransport transport = own.Transport;

        NatsKvPermissionException thrown = await Assert.ThrowsAsync<NatsKvPermissionException>(
            () => transport.RequestAsync(Message("one"), Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Ct));
        Task<NatsMessage> later = transport.RequestAsync(Message("two"), Ct).AsTask();

        Assert.StartsWith("_INBOX.", thrown.Subject, StringComparison.Ordinal);
        Assert.Contains(thrown.Subject, thrown.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NatsKvPermissionException>(() => later.WaitAsync(TimeSpan.FromSeconds(10), Ct));
        await Assert.ThrowsAsync<NatsKvPermissionException>(() => OwnThread.RunAsync(() => transport.Request(Message("three"), Ct)));

        // What needs no inbox goes on.
        await transport.PublishAsync(Message("four"), Ct);
        await transport.FlushAsync(Ct);
    }

    protected TransportUnderTest Open(Action<NatsKvOptions>? configure = null)
    {
        var options = new NatsKvOptions { Url = Server.Url, ConnectTimeout = TimeSpan.FromSeconds(30) };
        configure?.Invoke(options);
        return Open(options);
    }

    protected static NatsOutgoingMessage Message(string subject, string text = "") => new(new NatsSubject(subject), Encoding.UTF8.GetBytes(text));

    protected static string Text(NatsMessage message) => Encoding.UTF8.GetString(message.Payload.Span);

    protected static async Task<string[]> ReadAsync(INatsInbox inbox, int count)
    {
        var texts = new List<string>();
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (texts.Count < count && await inbox.WaitToReadAsync(late.Token))
        {
            while (texts.Count < count && inbox.TryRead(out NatsMessage message))
            {
                texts.Add(Text(message));
            }
        }

        return [.. texts];
    }

    private static async Task AnswerAsync(INatsTransport transport, INatsInbox inbox, int echoes)
    {
        while (echoes > 0 && await inbox.WaitToReadAsync(Ct))
        {
            while (inbox.TryRead(out NatsMessage request))
            {
                echoes--;
                var replyTo = new NatsSubject(Encoding.ASCII.GetString(request.ReplyTo));
                await transport.PublishAsync(
                    new NatsOutgoingMessage(replyTo, request.Headers.Bytes.ToArray(), new ReadOnlySequence<byte>(request.Payload.ToArray())), Ct);
            }
        }
    }
}
