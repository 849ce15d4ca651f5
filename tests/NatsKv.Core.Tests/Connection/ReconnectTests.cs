using System.Diagnostics;
using NatsKv.TestKit;
using NatsKv.Testing;

namespace NatsKv.Tests.Connection;

public sealed class ReconnectTests(Server server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ConnectionCut_NextCallWaitsForTheNewOne()
    {
        await using TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", server.Server.Port, ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = proxy.Url });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = server.NewName() }, Ct);

        for (int i = 0; i < 5; i++)
        {
            await proxy.CutAsync();
            await Eventually.TrueAsync(
                async () =>
                {
                    try
                    {
                        await bucket.PutAsync("key", $"{i}", cancellationToken: Ct);
                        return true;
                    }
                    catch (NatsKvConnectionException exception) when (exception.Failure == NatsKvConnectionFailure.Lost)
                    {
                        return false;
                    }
                },
                "a put after the cut",
                ct: Ct);
            Assert.Equal($"{i}", (await bucket.GetAsync("key", Ct))!.GetString());
        }

        Assert.True(proxy.AcceptedConnections >= 6, $"{proxy.AcceptedConnections} connections");
    }

    [Fact]
    public async Task ServerKilledAndRestarted_ClientGoesOn()
    {
        await using NatsServer own = await NatsServer.StartAsync(ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = own.Url, RequestTimeout = TimeSpan.FromMinutes(1) });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket" }, Ct);
        await bucket.PutAsync("key", "value", cancellationToken: Ct);

        NatsKvEntry? read = null;
        for (int round = 0; read is null; round++)
        {
            await own.KillAsync(Ct);
            ValueTask<NatsKvEntry?> waiting = bucket.GetAsync("key", Ct);
            await own.RestartAsync(ct: Ct);
            try
            {
                read = await waiting;
            }
            catch (NatsKvConnectionException exception) when (exception.Failure == NatsKvConnectionFailure.Lost && round < 10)
            {
                // It met the breaking connection, and waited for nothing.
            }
        }

        Assert.Equal("value", read.GetString());
    }

    [Fact]
    public async Task ServerGone_CallFailsAfterItsTimeNamingTheServer()
    {
        await using NatsServer own = await NatsServer.StartAsync(ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = own.Url, RequestTimeout = TimeSpan.FromMilliseconds(500) });
        await client.ConnectAsync();
        await own.KillAsync(Ct);

        NatsKvConnectionException thrown = await Assert.ThrowsAsync<NatsKvConnectionException>(async () =>
        {
            // The first ones may still meet the breaking connection.
            for (int i = 0; i < 40; i++)
            {
                try
                {
                    await client.PingAsync(Ct);
                }
                catch (NatsKvException exception) when (exception is NatsKvTimeoutException or NatsKvConnectionException { Failure: NatsKvConnectionFailure.Lost })
                {
                }
            }
        });

        Assert.Equal(NatsKvConnectionFailure.Unreachable, thrown.Failure);
        Assert.Contains(own.Url, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConnectionBreaksUnderARequest_TheRequestFailsAtOnce()
    {
        await using TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", server.Server.Port, ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = proxy.Url, RequestTimeout = TimeSpan.FromMinutes(5) });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = server.NewName() }, Ct);
        proxy.Swallow(TcpProxyDirection.ClientToServer);
        Task<ulong> put = bucket.PutAsync("key", "value", cancellationToken: Ct).AsTask();
        await Eventually.TrueAsync(() => proxy.BytesSwallowed > 0, "the request was swallowed", ct: Ct);

        await proxy.CutAsync();

        NatsKvConnectionException thrown = await Assert.ThrowsAsync<NatsKvConnectionException>(() => put);
        Assert.Equal(NatsKvConnectionFailure.Lost, thrown.Failure);
        Assert.Contains("unknown", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoAnswer_TheRequestTimesOut()
    {
        await using TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", server.Server.Port, ct: Ct);
        (NatsKvClient other, INatsKvBucket made) = await server.NewBucketAsync();
        await using NatsKvClient _ = other;
        await using var client = new NatsKvClient(new NatsKvOptions { Url = proxy.Url, RequestTimeout = TimeSpan.FromMilliseconds(300) });
        INatsKvBucket bucket = client.Bind(made.Name);
        await client.ConnectAsync();
        proxy.Swallow(TcpProxyDirection.ClientToServer);
        long start = Stopwatch.GetTimestamp();

        NatsKvTimeoutException thrown = await Assert.ThrowsAsync<NatsKvTimeoutException>(async () => await bucket.PutAsync("key", "value", cancellationToken: Ct));

        Assert.Equal(TimeSpan.FromMilliseconds(300), thrown.Timeout);

        // Timers count in whole milliseconds.
        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(298), "It gave up too early.");
        proxy.Resume();
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return await bucket.GetAsync("key", Ct) is null;
                }
                catch (NatsKvTimeoutException)
                {
                    return false;
                }
            },
            "the connection works again",
            ct: Ct);
    }

    [Fact]
    public async Task ServerFallsSilent_PingsFindOutAndReconnect()
    {
        await using TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", server.Server.Port, ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = proxy.Url, PingInterval = TimeSpan.FromMilliseconds(100) });
        await client.ConnectAsync();

        proxy.Swallow(TcpProxyDirection.ServerToClient);
        await Eventually.TrueAsync(() => proxy.OpenConnections == 0 || proxy.AcceptedConnections > 1, "the silent connection is given up", ct: Ct);
        proxy.Resume();

        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await client.PingAsync(Ct);
                    return true;
                }
                catch (NatsKvException)
                {
                    return false;
                }
            },
            "a new connection",
            ct: Ct);
    }

    [Fact]
    public async Task Cancellation_EndsTheWaitAndTheConnectionLives()
    {
        await using TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", server.Server.Port, ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = proxy.Url });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = server.NewName() }, Ct);
        proxy.Stall(TcpProxyDirection.ClientToServer);
        using var cancellation = new CancellationTokenSource();

        Task<ulong> put = bucket.PutAsync("key", "value", cancellationToken: cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        OperationCanceledException thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => put);
        proxy.Resume();

        Assert.Equal(cancellation.Token, thrown.CancellationToken);
        await client.PingAsync(Ct);
    }

    [Fact]
    public async Task ServerStopsReading_CallersWaitForRoomInsteadOfMemory()
    {
        await using TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", server.Server.Port, ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = proxy.Url, RequestTimeout = TimeSpan.FromMinutes(1) });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = server.NewName(), Storage = NatsKvStorage.Memory }, Ct);
        byte[] value = new byte[1_000_000];
        proxy.Stall(TcpProxyDirection.ClientToServer);

        Task<ulong>[] puts = [.. Enumerable.Range(0, 60).Select(i => bucket.PutAsync($"key.{i}", value, cancellationToken: Ct).AsTask())];
        proxy.Resume();
        await Task.WhenAll(puts);

        Assert.Equal(60, (await bucket.GetStatusAsync(Ct)).Keys);
    }

    [Fact]
    public async Task Dispose_ServerPaused_ReturnsWithinASecondOrSo()
    {
        await using NatsServer own = await NatsServer.StartAsync(ct: Ct);
        var client = new NatsKvClient(new NatsKvOptions { Url = own.Url });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket" }, Ct);
        own.Pause();
        Task<ulong> put = bucket.PutAsync("key", "value", cancellationToken: Ct).AsTask();

        // No assertion on the time itself: a Dispose that waits for the paused server never returns.
        Task disposing = Task.Run(client.Dispose, Ct);
        await disposing.WaitAsync(TimeSpan.FromSeconds(60), Ct);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => put);
        own.Resume();
    }

    [Fact]
    public async Task SharedHandles_ConnectionClosesWithTheLast()
    {
        await using NatsServer own = await NatsServer.StartAsync(ct: Ct);
        var first = new NatsKvClient(new NatsKvOptions { Url = own.Url });
        INatsKvClient second = first.Share();
        await first.PingAsync(Ct);
        await second.PingAsync(Ct);
        await Eventually.EqualAsync(1, () => own.GetConnectionCountAsync(Ct), "connections of the server", ct: Ct);

        await first.DisposeAsync();
        await second.PingAsync(Ct);
        await second.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => second.Share());
        await Eventually.EqualAsync(0, () => own.GetConnectionCountAsync(Ct), "connections of the server", ct: Ct);
    }
}
