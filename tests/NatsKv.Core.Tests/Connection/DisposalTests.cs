using Microsoft.Extensions.Logging;
using NatsKv.Connection;
using NatsKv.Tests.Robustness;
using NatsKv.Transport;

namespace NatsKv.Tests.Connection;

public sealed class DisposalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dispose_WhileTheConnectionIsJustMade_ClosesIt()
    {
        var closed = new TaskCompletionSource();
        await using var server = new ScriptedServer(async (connection, _) =>
        {
            await connection.WelcomeAsync();
            await connection.IgnoreAsync();
            closed.SetResult();
        });
        using var log = new ActingLog();
        await using var client = new NatsKvClient(new NatsKvOptions { Url = server.Url }, log);

        // The handshake is over, and nobody knows of the connection yet.
        log.OnInformation = client.Dispose;

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.PingAsync(Ct).AsTask().WaitAsync(Patience, Ct));
        await closed.Task.WaitAsync(Patience, Ct);
    }

    [Fact]
    public async Task WaitForEpoch_Disposed_EndsTheWait()
    {
        await using var server = new ScriptedServer(async (connection, _) =>
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
        await using var server = new ScriptedServer(async (connection, _) =>
        {
            await connection.WelcomeAsync();
            await connection.ServeAsync();
        });
        var client = new NatsKvClient(new NatsKvOptions { Url = server.Url });
        await client.PingAsync(Ct);
        Task<ulong> put = client.Bind("b").PutAsync("k", "v", cancellationToken: Ct).AsTask();
        Task<ulong> blocking = BlockingCalls.OnOwnThread(() => client.Bind("b").Blocking.Put("k", default, cancellationToken: Ct));

        await client.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => put.WaitAsync(Patience, Ct));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => blocking.WaitAsync(Patience, Ct));
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
