using Microsoft.Extensions.Configuration;
using NatsKv.Configuration.Following;
using NatsKv.Configuration.Mapping;
using NatsKv.Configuration.Settings;

namespace NatsKv.Configuration;

/// <summary>
/// Shows the settings of one bucket. It is thin: connection, watch and content belong to the <see cref="NatsKvConfigurationSource"/> and are
/// shared by all its providers, so that a <see cref="ConfigurationManager"/> that builds its providers anew does not read the bucket again.
/// </summary>
public sealed class NatsKvConfigurationProvider : ConfigurationProvider, INatsKvClientSource, IDisposable, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly NatsKvConfigurationSource _source;
    private BucketFeed? _feed;
    private bool _loaded;
    private bool _disposed;

    internal NatsKvConfigurationProvider(NatsKvConfigurationSource source, ConfigurationSettings settings)
    {
        _source = source;
        Settings = settings;
        Data = FlatData.Empty;
    }

    /// <inheritdoc/>
    public NatsKvConnectionSettings ConnectionSettings => Settings.Connection;

    internal ConfigurationSettings Settings { get; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The provider has not been loaded, or is disposed.</exception>
    public INatsKvClient ShareClient() =>
        _source.TryShareClient() ?? throw new InvalidOperationException($"There is no client to share: {this} is not loaded, or is disposed.");

    /// <summary>
    /// Reads the bucket and starts to follow it. Blocks the calling thread until the content is complete, at most for
    /// <see cref="NatsKvConfigurationSource.LoadTimeout"/>; it needs no thread of the pool and ignores the synchronization context. Further
    /// calls start no second watch, and don't throw once there was content.
    /// </summary>
    /// <exception cref="NatsKvConfigurationException">The source is required and the bucket could not be loaded.</exception>
    public override void Load()
    {
        BucketFeed? feed = Attach();
        if (feed is null)
        {
            return;
        }

        LoadFailure? failure;
        try
        {
            failure = feed.Load(this, again: _loaded);
            Show(feed, reload: false);
            if (failure is null)
            {
                _loaded = true;
                return;
            }

            Handle(failure, feed);
        }
        catch
        {
            // Whoever is told of a failure drops this provider without disposing it.
            Detach()?.Dispose();
            throw;
        }
    }

    /// <summary>Sets a value in this provider only, until the next reload; the bucket is not written.</summary>
    /// <param name="key">The configuration key.</param>
    /// <param name="value">The value.</param>
    public override void Set(string key, string? value)
    {
        lock (_gate)
        {
            // On a copy: readers may be going through the present content, and it may be other providers' too.
            Data = ((FlatData)Data).With(new ViewChange(key, value, Removed: false));
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath) =>
        ((FlatData)Data).Children.Merge(earlierKeys, parentPath);

    /// <summary>Stops following the bucket, if no other provider of the source does. Reads keep returning the last values.</summary>
    public void Dispose()
    {
        MarkDisposed();
        Detach()?.Dispose();
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        MarkDisposed();
        return Detach()?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{nameof(NatsKvConfigurationProvider)} for bucket '{Settings.Bucket}', keys '{Settings.Map.Filter}' ({(Settings.Optional ? "Optional" : "Required")})";

    /// <summary>Points at the feed's content.</summary>
    internal void Show(BucketFeed feed, bool reload)
    {
        lock (_gate)
        {
            // Read inside the lock, so that of two callers the second can't put an older content back.
            Data = feed.Current;
        }

        if (reload)
        {
            _loaded = true;
            OnReload();
        }
    }

    private void Handle(LoadFailure failure, BucketFeed feed)
    {
        NatsKvConfigurationException exception = LoadFailurePolicy.ToException(failure, Settings);
        if (!_loaded && !Settings.Optional)
        {
            var context = new NatsKvLoadExceptionContext(this, exception);
            Settings.OnLoadException?.Invoke(context);
            if (!context.Ignore)
            {
                throw exception;
            }
        }

        feed.NotLoaded(exception);
    }

    private BucketFeed? Attach()
    {
        lock (_gate)
        {
            return _disposed ? null : _feed ??= _source.Attach(this);
        }
    }

    // The feed, if it must be disposed because this was its last provider.
    private BucketFeed? Detach()
    {
        lock (_gate)
        {
            BucketFeed? feed = _feed;
            _feed = null;
            return feed is null ? null : _source.Detach(this, feed);
        }
    }

    private void MarkDisposed()
    {
        lock (_gate)
        {
            _disposed = true;
        }
    }
}
