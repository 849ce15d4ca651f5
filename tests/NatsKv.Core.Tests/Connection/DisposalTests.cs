using Microsoft.Extensions.Logging;
using NatsKv.Connection;
using NatsKv.TestKit;
using NatsKv.Tests.Robustness;
using NatsKv.Transport;

namespace NatsKv.Tests.Connection;

public sealed class DisposalTests(Server server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dispose_WhileTheConnectionIsJustMade_ClosesIt()
    {
        var closed = new TaskCompletionSource();
        await using var scripted = new ScriptedServer(async (connection, _) =>
        {
            await connection.WelcomeAsync();
            await connection.IgnoreAsync();
            closed.SetResult();
        });
        using var log = new ActingLog();
        await using var client = new NatsKvClient(
            new NatsKvOptions { Url = scripted.Url, ConnectTimeout = TimeSpan.FromMinutes(1), RequestTimeout = TimeSpan.FromMinutes(1) }, log);

        // The handshake is over, and nobody knows of the connection yet.
        log.OnInformation = client.Dispose;

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.PingAsync(Ct).AsTask().WaitAsync(Patience, Ct));
        await closed.Task.WaitAsync(Patience, Ct);
    }

    [Fact]
    public async Task WaitForEpoch_Disposed_EndsTheWait()
    {
        await using var scripted = new ScriptedServer(async (connection, _) =>
        {
            await connection.WelcomeAsync();
            await connection.ServeAsync();
        });
        await using var connection = new NatsConnection(
            new NatsTransportContext(new NatsKvConnectionSettings(new NatsKvOptions { Url = server.Url }), new ActingLog(), TimeProvider.System));
        await connection.FlushAsync(Ct);
        Task waiting = connection.WaitForEpochAsync(connection.Epoch, Ct).AsTask();

        await connection.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(Patience, Ct));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await connection.WaitForEpochAsync(connection.Epoch, Ct));
    }

    [Fact]
    public async Task Dispose_RequestsUnderWay_EndAsDisposed()
    {
        var underWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var scripted = new ScriptedServer(async (connection, _) =>
        {
            await connection.WelcomeAsync();
            await connection.NextPublishAsync();
            await connection.NextPublishAsync();
            underWay.SetResult();
            await connection.ServeAsync();
        });
        NatsKvClient client = scripted.NewClient();
        await client.PingAsync(Ct);
        Task<ulong> put = client.Bind("b").PutAsync("k", "v", cancellationToken: Ct).AsTask();
        Task<ulong> blocking = BlockingCalls.OnOwnThread(() => client.Bind("b").Blocking.Put("k", default, cancellationToken: Ct));
        await underWay.Task.WaitAsync(Patience, Ct);

        await client.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => put.WaitAsync(Patience, Ct));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => blocking.WaitAsync(Patience, Ct));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dispose_WatchesRunning_TheServerForgetsTheirConsumers(bool awaited)
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = writer;

        // A disposal doesn't wait for long: once in a while a busy machine takes more than that to tell the server.
        bool isForgotten = false;
        for (int round = 0; round < 4 && !isForgotten; round++)
        {
            isForgotten = await IsForgottenAsync();
        }

        Assert.True(isForgotten, "The server was never told.");

        async Task<bool> IsForgottenAsync()
        {
            NatsKvClient client = server.NewClient();
            for (int i = 0; i < 10; i++)
            {
                INatsKvWatch watch = client.Bind(bucket.Name).StartWatch(new Watching.RecordingHandler(static _ => { }));
                await Eventually.TrueAsync(() => watch.State == NatsKvWatchState.Following, "the watch follows", ct: Ct);
            }

            await Eventually.EqualAsync(10, () => server.ConsumerCountAsync(bucket.Name), "consumers of the bucket", ct: Ct);
            long disposed = TimeProvider.System.GetTimestamp();
            if (awaited)
            {
                await client.DisposeAsync();
            }
            else
            {
                client.Dispose();
            }

            // The server removes a consumer that nobody hears by itself, after ten seconds.
            await Eventually.EqualAsync(0, () => server.ConsumerCountAsync(bucket.Name), "consumers of the bucket", ct: Ct);
            return TimeProvider.System.GetElapsedTime(disposed) < TimeSpan.FromSeconds(8);
        }
    }

    [Fact]
    public async Task Dispose_RightAfterAWatch_TheServerForgetsItsConsumer()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = writer;
        for (int round = 0; round < 10; round++)
        {
            NatsKvClient client = server.NewClient();
            INatsKvWatch watch = client.Bind(bucket.Name).StartWatch(new Watching.RecordingHandler(static _ => { }));
            await Eventually.TrueAsync(() => watch.State == NatsKvWatchState.Following, "the watch follows", ct: Ct);
            await watch.DisposeAsync();
            await client.DisposeAsync();
        }

        await Eventually.EqualAsync(0, () => server.ConsumerCountAsync(bucket.Name), "consumers of the bucket", TimeSpan.FromSeconds(8), Ct);
    }

    [Fact]
    public async Task Dispose_ServerThatReadsNothing_DoesNotWaitForIt()
    {
        byte[] value = new byte[512 * 1024];

        // One that waits for the server does so each time; once in a while a busy machine takes as long for nothing.
        double took = double.MaxValue;
        for (int round = 0; round < 5 && took > 2; round++)
        {
            await using Testing.TcpProxy proxy = await Testing.TcpProxy.StartAsync("127.0.0.1", server.Server.Port, ct: Ct);
            var client = new NatsKvClient(new NatsKvOptions { Url = proxy.Url });
            await client.PingAsync(Ct);
            proxy.Stall();
            INatsKvBucket bucket = client.Bind(server.NewName());
            Task<ulong>[] puts = [.. Enumerable.Range(0, 30).Select(i => bucket.PutAsync($"key.{i}", value, cancellationToken: Ct).AsTask())];
            took = await BlockingCalls.OnOwnThread(() =>
            {
                long start = TimeProvider.System.GetTimestamp();
                client.Dispose();
                return TimeProvider.System.GetElapsedTime(start).TotalSeconds;
            }).WaitAsync(Patience, Ct);
            await Assert.ThrowsAnyAsync<Exception>(() => Task.WhenAll(puts).WaitAsync(Patience, Ct));
        }

        Assert.InRange(took, 0, 2);
    }

    private sealed class ActingLog : ILoggerFactory, ILogger
    {
        public Action OnInformation { get; set; } = static () => { };

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                OnInformation();
            }
        }

        public void Dispose()
        {
        }
    }
}
