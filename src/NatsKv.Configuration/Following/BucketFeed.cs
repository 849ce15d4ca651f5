using Microsoft.Extensions.Logging;
using NatsKv.Configuration.Mapping;
using NatsKv.Configuration.Publishing;
using NatsKv.Configuration.Settings;

namespace NatsKv.Configuration.Following;

/// <summary>
/// What a source keeps while it has providers: the client, the watch, the content that readers see, and the task that publishes changes of
/// it. A provider only points at <see cref="Current"/>.
/// </summary>
internal sealed class BucketFeed : IDisposable, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Lock _publishing = new();
    private readonly ConfigurationSettings _settings;
    private readonly ILogger _logger;
    private readonly ReloadLoop _loop;
    private NatsKvConfigurationProvider[] _providers = [];
    private BucketFollower? _follower;
    private volatile bool _hydrated;
    private bool _stopped;

    /// <summary>Makes the feed; the first <see cref="Load"/> starts it.</summary>
    public BucketFeed(ConfigurationSettings settings, INatsKvClient client, ILogger logger)
    {
        _settings = settings;
        _logger = logger;
        Client = client;
        _loop = new ReloadLoop(PublishDue, settings.TimeProvider);
    }

    /// <summary>The source's handle on its client.</summary>
    public INatsKvClient Client { get; }

    /// <summary>What readers see. It is never changed, only replaced.</summary>
    public FlatData Current { get; private set => Volatile.Write(ref field, value); } = FlatData.Empty;

    /// <summary>Adds a provider once; false if the feed has stopped.</summary>
    public bool TryAttach(NatsKvConfigurationProvider provider)
    {
        lock (_gate)
        {
            if (!_stopped && !_providers.Contains(provider))
            {
                _providers = [.. _providers, provider];
            }

            return !_stopped;
        }
    }

    /// <summary>Removes a provider; true if it was the last, so that the caller must dispose the feed.</summary>
    public bool Detach(NatsKvConfigurationProvider provider)
    {
        lock (_gate)
        {
            int before = _providers.Length;
            _providers = Array.FindAll(_providers, other => other != provider);
            bool last = before > 0 && _providers.Length == 0 && !_stopped;
            _stopped |= last;
            return last;
        }
    }

    /// <summary>
    /// Makes sure that there is content, on the caller's thread. With a live watch only the first call waits, and later ones publish what is
    /// pending. Without one the bucket is read again for a caller that has loaded before: it reloads, while a new one takes what there is.
    /// </summary>
    /// <returns><see langword="null"/> if <see cref="Current"/> is what the bucket holds, else why not.</returns>
    public LoadFailure? Load(NatsKvConfigurationProvider caller, bool again)
    {
        BucketFollower follower = Follow(again, out bool isNew);
        if (isNew)
        {
            follower.Start();
        }

        LoadFailure? failure = follower.Wait();
        if (failure is not null)
        {
            // While a bucket that was made anew is being read, or can't be read again, there is still what it held before.
            return _hydrated && (_settings.ReloadOnChange || !again) ? null : failure;
        }

        _hydrated = true;
        if (Publish(follower.TakeNow))
        {
            Raise(except: caller);
        }

        StopUnlessLive(follower);
        return null;
    }

    /// <summary>Another handle on the client; <see langword="null"/> if the feed has stopped.</summary>
    public INatsKvClient? TryShareClient()
    {
        lock (_gate)
        {
            return _stopped ? null : Client.Share();
        }
    }

    /// <summary>Says that a provider goes on without the bucket's present content.</summary>
    public void NotLoaded(NatsKvConfigurationException exception) => ConfigurationLog.NotLoaded(_logger, _settings.Bucket, exception.Message);

    /// <summary>Stops everything and lets the client go.</summary>
    public void Dispose()
    {
        _loop.Dispose();
        TakeFollower()?.Stop();
        Client.Dispose();
    }

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync()
    {
        await _loop.DisposeAsync().ConfigureAwait(false);
        if (TakeFollower() is { } follower)
        {
            await follower.StopAsync().ConfigureAwait(false);
        }

        await Client.DisposeAsync().ConfigureAwait(false);
    }

    private BucketFollower Follow(bool again, out bool isNew)
    {
        lock (_gate)
        {
            isNew = _follower is null || (again && _follower.IsStopped);
            if (isNew)
            {
                _follower = new BucketFollower(_settings, Client, _logger, _loop);
            }

            return _follower!;
        }
    }

    private BucketFollower? TakeFollower()
    {
        lock (_gate)
        {
            return _follower;
        }
    }

    // Runs on the loop's task.
    private TimeSpan? PublishDue()
    {
        BucketFollower? follower = TakeFollower();
        if (follower is null)
        {
            return null;
        }

        TimeSpan? wait = null;
        bool published = Publish(() =>
        {
            (wait, ViewChanges? changes) = follower.TakeDue();
            return changes;
        });
        if (published)
        {
            Raise(except: null);
        }

        if (wait == TimeSpan.Zero)
        {
            _hydrated = true;
            StopUnlessLive(follower);
        }

        return wait;
    }

    // Taking and publishing are one step, so that an older content never replaces a newer one.
    private bool Publish(Func<ViewChanges?> take)
    {
        lock (_publishing)
        {
            if (take() is not { } changes || Current.Next(changes) is not { } next)
            {
                return false;
            }

            Current = next;
            ConfigurationLog.Published(_logger, _settings.Bucket, next.Count, changes.Items.Count);
            return true;
        }
    }

    private void Raise(NatsKvConfigurationProvider? except)
    {
        NatsKvConfigurationProvider[] providers;
        lock (_gate)
        {
            providers = _providers;
        }

        foreach (NatsKvConfigurationProvider provider in providers)
        {
            if (provider == except)
            {
                continue;
            }

            try
            {
                provider.Show(this, reload: true);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                ConfigurationLog.ListenerFailed(_logger, _settings.Bucket, e);
            }
        }
    }

    private void StopUnlessLive(BucketFollower follower)
    {
        if (!_settings.ReloadOnChange)
        {
            follower.Stop();
        }
    }
}
