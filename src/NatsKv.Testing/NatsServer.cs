using System.Globalization;
using NatsKv.Testing.Locating;
using NatsKv.Testing.Monitoring;
using NatsKv.Testing.Processes;

namespace NatsKv.Testing;

/// <summary>
/// A real nats-server as a child process on the loopback interface. It is found on this machine or fetched, it dies with its owner
/// however that ends, and it leaves no folder behind.
/// </summary>
/// <remarks>All members are safe for concurrent use; starts, stops and restarts wait for each other.</remarks>
public sealed class NatsServer : IAsyncDisposable
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly MonitoringClient _monitoring = new();
    private readonly ServerFolder _folder;
    private readonly ServerStarter _starter;
    private readonly PortReservation? _port;
    private readonly PortReservation? _clusterPort;
    private volatile StartedServer? _started;
    private bool _disposed;

    private NatsServer(NatsServerOptions options, string executable, ClusterRoutes? cluster)
    {
        _folder = ServerFolder.Create();
        Name = options.ServerName ?? $"natskv-{Guid.NewGuid().ToString("N")[..8]}";
        StoreDirectory = options.StoreDirectory is { } given ? Path.GetFullPath(given) : _folder.StoreFolder;
        Version = string.Empty;
        _starter = new ServerStarter(executable, options, Name, StoreDirectory, _folder, cluster, _monitoring);
        _port = options.Port == 0 ? PortReservation.TryMake() : null;
        _clusterPort = cluster is null ? null : PortReservation.TryMake();
        Port = _port?.Port ?? options.Port;
        ClusterPort = _clusterPort?.Port ?? 0;
    }

    /// <summary>The address for clients, such as <c>nats://127.0.0.1:41971</c>. It stays the same over restarts.</summary>
    public string Url => string.Create(CultureInfo.InvariantCulture, $"nats://127.0.0.1:{Port}");

    /// <summary>The port for clients. It stays the same over restarts; on Linux nobody else is given it meanwhile.</summary>
    public int Port { get; private set; }

    /// <summary>The address of the monitoring endpoint, such as <c>http://127.0.0.1:41303</c>. Every start chooses a new one.</summary>
    public string MonitoringUrl { get; private set; } = string.Empty;

    /// <summary>The process id of the nats-server itself; after it has ended, its last one.</summary>
    public int ProcessId { get; private set; }

    /// <summary>The version that the server says it has, such as <c>2.15.1</c>.</summary>
    public string Version { get; private set; }

    /// <summary>The server's name, as <see cref="NatsServerOptions.ServerName"/> or chosen.</summary>
    public string Name { get; }

    /// <summary>The folder that holds the streams.</summary>
    public string StoreDirectory { get; }

    /// <summary>The server's log, of all its starts. It goes with the server.</summary>
    public string LogFile => _folder.LogFile;

    /// <summary>Whether the process lives; also <see langword="true"/> while it is paused.</summary>
    public bool IsRunning => _started is { } started && !started.Process.HasExited;

    internal int ClusterPort { get; private set; }

    /// <summary>Finds or fetches a nats-server, starts it, and returns when it is ready: when JetStream answers, if that is on.</summary>
    /// <param name="options">How to start it; <see langword="null"/> for the defaults.</param>
    /// <param name="ct">Ends the wait, and the server with it.</param>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    /// <exception cref="NatsServerNotFoundException">There is no such nats-server, and none could be fetched.</exception>
    /// <exception cref="NatsServerStartException">It ended, or wasn't ready within <see cref="NatsServerOptions.StartTimeout"/>.</exception>
    public static Task<NatsServer> StartAsync(NatsServerOptions? options = null, CancellationToken ct = default) =>
        StartAsync(options, cluster: null, ct);

    /// <summary>Lets the server end in good order (SIGTERM; on Windows it is killed). After 10 s without success it is killed.</summary>
    /// <param name="ct">Ends the wait and leaves the server to end by itself.</param>
    public Task StopAsync(CancellationToken ct = default) =>
        InTurnAsync(() => _started?.Process.StopAsync(StopGrace, ct) ?? Task.CompletedTask, ct);

    /// <summary>Kills the server (SIGKILL), as a crash would, and waits until it is gone.</summary>
    /// <param name="ct">Ends the wait for another start or stop under way.</param>
    public Task KillAsync(CancellationToken ct = default) => InTurnAsync(() => _started?.Process.KillAsync() ?? Task.CompletedTask, ct);

    /// <summary>
    /// Starts the server again on the same port and with the same store, whether it was stopped, was killed or runs (then it is stopped
    /// first), and returns when it is ready.
    /// </summary>
    /// <param name="wipeStore">Whether to begin with an empty store.</param>
    /// <param name="ct">Ends the wait, and the server with it.</param>
    /// <exception cref="NatsServerStartException">It ended, or wasn't ready within <see cref="NatsServerOptions.StartTimeout"/>.</exception>
    public Task RestartAsync(bool wipeStore = false, CancellationToken ct = default) => InTurnAsync(
        async () =>
        {
            if (_started is { } running)
            {
                await running.Process.StopAsync(StopGrace, ct).ConfigureAwait(false);
            }

            if (wipeStore && Directory.Exists(StoreDirectory))
            {
                Directory.Delete(StoreDirectory, recursive: true);
            }

            await StartProcessAsync(isRestart: true, ct).ConfigureAwait(false);
        },
        ct);

    /// <summary>Halts the server (SIGSTOP): its connections stay open, and nothing answers. Not on Windows.</summary>
    /// <exception cref="InvalidOperationException">The server doesn't run.</exception>
    /// <exception cref="PlatformNotSupportedException">There are no signals on Windows.</exception>
    public void Pause() => Running().Halt();

    /// <summary>Lets a paused server go on (SIGCONT). Not on Windows.</summary>
    /// <exception cref="InvalidOperationException">The server doesn't run.</exception>
    /// <exception cref="PlatformNotSupportedException">There are no signals on Windows.</exception>
    public void Resume() => Running().Send(Signal.Continue);

    /// <summary>Asks the server how many clients are connected to it. Asking doesn't count.</summary>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The server doesn't run.</exception>
    /// <exception cref="HttpRequestException">The server doesn't answer.</exception>
    public Task<int> GetConnectionCountAsync(CancellationToken ct = default)
    {
        Running();
        return _monitoring.CountConnectionsAsync(MonitoringUrl, ct);
    }

    /// <summary>Kills the server and deletes the folders made for it; a store folder that was given is kept.</summary>
    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (!_disposed)
            {
                _disposed = true;
                if (_started is { } started)
                {
                    await started.Process.DisposeAsync().ConfigureAwait(false);
                }

                _port?.Dispose();
                _clusterPort?.Dispose();
                _monitoring.Dispose();
                _folder.Delete();
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    internal static async Task<NatsServer> StartAsync(NatsServerOptions? options, ClusterRoutes? cluster, CancellationToken ct)
    {
        NatsServerOptions copy = options?.Copy() ?? new NatsServerOptions();
        NatsServerOptions.Validate(copy);
        string executable = await ServerLocator.Default.LocateAsync(copy.ServerVersion, copy.Progress, ct).ConfigureAwait(false);
        var server = new NatsServer(copy, executable, cluster);
        try
        {
            await server.StartProcessAsync(isRestart: false, ct).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits until a node of a cluster is ready, for which it needs the others.</summary>
    internal async Task WaitUntilReadyAsync(CancellationToken ct) =>
        Version = await _starter.WaitUntilReadyAsync(_started!.Ports, ct).ConfigureAwait(false);

    private async Task StartProcessAsync(bool isRestart, CancellationToken ct)
    {
        if (_started is { } last)
        {
            await last.Process.DisposeAsync().ConfigureAwait(false);
            _started = null;
        }

        StartedServer started = await _starter.StartAsync(Port, ClusterPort, isRestart, ct).ConfigureAwait(false);
        Port = started.Ports.Client;
        ClusterPort = started.Ports.Cluster ?? 0;
        MonitoringUrl = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{started.Ports.Monitoring}");
        ProcessId = started.Process.Id;
        Version = started.Version.Length > 0 ? started.Version : Version;
        _started = started;
    }

    private ServerProcess Running() =>
        _started is { } started && !started.Process.HasExited ? started.Process : throw new InvalidOperationException("The nats-server doesn't run.");

    private async Task InTurnAsync(Func<Task> action, CancellationToken ct)
    {
        await _turn.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            await action().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }
}
