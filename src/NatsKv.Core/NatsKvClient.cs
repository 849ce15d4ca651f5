using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NatsKv.Buckets;
using NatsKv.Connection;
using NatsKv.JetStream;
using NatsKv.Keys;
using NatsKv.Transport;

namespace NatsKv;

/// <inheritdoc cref="INatsKvClient"/>
public sealed class NatsKvClient : INatsKvClient
{
    private readonly SharedTransport _shared;
    private readonly ILoggerFactory _loggerFactory;
    private readonly TimeProvider _time;
    private readonly BucketAdministration _administration;
    private readonly BlockingClient _blocking;
    private int _disposed;

    /// <summary>Makes a client. Nothing is sent before its first use.</summary>
    /// <param name="options">How to reach the server; copied.</param>
    /// <param name="loggerFactory">Where to log; <see langword="null"/> for nowhere.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">An option is wrong; the message names it.</exception>
    public NatsKvClient(NatsKvOptions options, ILoggerFactory? loggerFactory = null, TimeProvider? timeProvider = null)
        : this(new NatsKvConnectionSettings(options), loggerFactory ?? NullLoggerFactory.Instance, timeProvider ?? TimeProvider.System)
    {
    }

    private NatsKvClient(NatsKvConnectionSettings settings, ILoggerFactory loggerFactory, TimeProvider time)
        : this(settings, new SharedTransport(MakeTransport(settings, loggerFactory, time), time), loggerFactory, time)
    {
    }

    private NatsKvClient(NatsKvConnectionSettings settings, SharedTransport shared, ILoggerFactory loggerFactory, TimeProvider time)
    {
        Settings = settings;
        _shared = shared;
        _loggerFactory = loggerFactory;
        _time = time;
        _administration = new BucketAdministration(ContextOf);
        _blocking = new BlockingClient(ContextOf);
    }

    /// <summary>The settings of the connection.</summary>
    public NatsKvConnectionSettings Settings { get; }

    /// <inheritdoc/>
    public INatsKvBlockingClient Blocking => _blocking;

    /// <inheritdoc/>
    public NatsKvServerInfo? Server => _shared.Transport.Server;

    /// <inheritdoc/>
    public INatsKvBucket Bind(string bucket, NatsKvBucketOptions? options = null) => new NatsKvBucket(ContextOf(bucket, options));

    /// <inheritdoc/>
    public ValueTask<INatsKvBucket> GetBucketAsync(string bucket, NatsKvBucketOptions? options, CancellationToken cancellationToken = default) =>
        ConnectionThread.LeaveAfter(WrapAsync(_administration.GetAsync(bucket, options, cancellationToken)));

    /// <inheritdoc/>
    public ValueTask<INatsKvBucket> CreateBucketAsync(NatsKvBucketConfig config, CancellationToken cancellationToken = default) =>
        ConnectionThread.LeaveAfter(WrapAsync(_administration.CreateAsync(config, cancellationToken)));

    /// <inheritdoc/>
    public ValueTask<INatsKvBucket> CreateOrUpdateBucketAsync(NatsKvBucketConfig config, CancellationToken cancellationToken = default) =>
        ConnectionThread.LeaveAfter(WrapAsync(_administration.CreateOrUpdateAsync(config, cancellationToken)));

    /// <inheritdoc/>
    public ValueTask<INatsKvBucket> UpdateBucketAsync(
        string bucket, Func<NatsKvBucketConfig, NatsKvBucketConfig> change, CancellationToken cancellationToken = default) =>
        ConnectionThread.LeaveAfter(WrapAsync(_administration.UpdateAsync(bucket, change, cancellationToken)));

    /// <inheritdoc/>
    public IAsyncEnumerable<NatsKvBucketStatus> ListBucketsAsync(CancellationToken cancellationToken = default) =>
        Listing().StatusesAsync(cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<string> ListBucketNamesAsync(CancellationToken cancellationToken = default) => Listing().NamesAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> DeleteBucketAsync(string bucket, CancellationToken cancellationToken = default) =>
        ConnectionThread.LeaveAfter(_administration.DeleteAsync(bucket, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<TimeSpan> PingAsync(CancellationToken cancellationToken = default)
    {
        return ConnectionThread.LeaveAfter(Ping());

        async ValueTask<TimeSpan> Ping()
        {
            await Transport().FlushAsync(cancellationToken).ConfigureAwait(false);
            long start = _time.GetTimestamp();
            await Transport().FlushAsync(cancellationToken).ConfigureAwait(false);
            return _time.GetElapsedTime(start);
        }
    }

    /// <inheritdoc/>
    public INatsKvClient Share()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return new NatsKvClient(Settings, _shared.AddHolder(), _loggerFactory, _time);
    }

    /// <summary>Releases this handle; the last one closes the connection. Waits a second at most, and never on the network.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _shared.Release();
        }
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _disposed, 1) == 0 ? _shared.ReleaseAsync() : default;

    private static INatsTransport MakeTransport(NatsKvConnectionSettings settings, ILoggerFactory loggerFactory, TimeProvider time)
    {
        var context = new NatsTransportContext(settings, loggerFactory, time);
        return settings.TransportFactory?.Invoke(context) ?? new NatsConnection(context);
    }

    private static async ValueTask<INatsKvBucket> WrapAsync(ValueTask<BucketContext> context) => new NatsKvBucket(await context.ConfigureAwait(false));

    private INatsTransport Transport()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return _shared.Transport;
    }

    private BucketListing Listing() => new(new JetStreamApi(new AwaitingExchange(Transport(), _time), Settings.FullApiPrefix));

    private BucketContext ContextOf(string bucket, NatsKvBucketOptions? options)
    {
        KeyRules.ThrowIfNotBucket(bucket);
        options?.ThrowIfInvalid();
        var subjects = new BucketSubjects(bucket, Settings.FullApiPrefix);
        return new BucketContext(Transport(), subjects, _time, _shared.FloorsOf(bucket), options ?? NatsKvBucketOptions.Default)
        {
            RequestTimeout = Settings.RequestTimeout,
            Gate = _shared.Gate,
        };
    }
}
