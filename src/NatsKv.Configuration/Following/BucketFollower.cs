using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using NatsKv.Configuration.Mapping;
using NatsKv.Configuration.Publishing;
using NatsKv.Configuration.Settings;

namespace NatsKv.Configuration.Following;

/// <summary>
/// One watch and what it has brought. The watch calls on the connection's own thread, so each call takes its data over and returns: nothing
/// here waits for anybody but the short holders of one lock.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The event is waited for without its kernel handle, so there is nothing to dispose")]
internal sealed class BucketFollower : INatsKvWatchHandler
{
    // Attempts follow each other within seconds. So after a longer silence the watch had recovered, even if nothing has changed since.
    private static readonly TimeSpan OneOutage = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _settled = new();
    private readonly ConfigurationSettings _settings;
    private readonly INatsKvClient _client;
    private readonly ILogger _logger;
    private readonly ReloadLoop _loop;
    private readonly BucketView _view;
    private readonly ReloadPolicy _policy;
    private readonly long _start;
    private INatsKvWatch? _watch;
    private Exception? _cause;
    private int _waiting;
    private bool _taken;
    private bool _interrupted;
    private TimeSpan _lastInterruption;
    private bool _stopped;

    /// <summary>Makes the follower; <see cref="Start"/> begins the watch.</summary>
    /// <param name="settings">The bucket and what of it.</param>
    /// <param name="client">The way to it.</param>
    /// <param name="logger">Told about what users should know.</param>
    /// <param name="loop">Woken when something is pending.</param>
    public BucketFollower(ConfigurationSettings settings, INatsKvClient client, ILogger logger, ReloadLoop loop)
    {
        _settings = settings;
        _client = client;
        _logger = logger;
        _loop = loop;
        _view = new BucketView(settings.Map);
        _policy = new ReloadPolicy(settings.ReloadDelay, settings.MaxReloadDelay);
        _start = settings.TimeProvider.GetTimestamp();
    }

    public bool IsStopped
    {
        get
        {
            lock (_gate)
            {
                return _stopped;
            }
        }
    }

    private TimeSpan Now => _settings.TimeProvider.GetElapsedTime(_start);

    public void Start()
    {
        var options = new NatsKvWatchOptions { Filters = [_settings.Map.Filter], IdleHeartbeat = _settings.IdleHeartbeat };
        INatsKvWatch watch = _client.Bind(_settings.Bucket).StartWatch(this, options);
        lock (_gate)
        {
            if (!_stopped)
            {
                _watch = watch;
                return;
            }
        }

        watch.Dispose();
    }

    /// <summary>
    /// Blocks until the first content is complete, or it is clear that it won't be soon. Only the first caller can wait for long: what it
    /// gave up, others don't wait for again.
    /// </summary>
    /// <returns><see langword="null"/> if the content is complete, else why not.</returns>
    public LoadFailure? Wait()
    {
        lock (_gate)
        {
            _waiting++;
        }

        bool settled = _settled.Wait(_settings.LoadTimeout);
        lock (_gate)
        {
            _waiting--;
            _settled.Set();
            return _view.IsComplete ? null : new LoadFailure(_cause, TimedOut: !settled);
        }
    }

    /// <summary>What is pending, due or not, for a caller of Load; nothing while the content is void or, but for the first time, a batch is under way.</summary>
    public ViewChanges? TakeNow()
    {
        lock (_gate)
        {
            return _view.IsComplete && !(_taken && _policy.IsHolding) ? Take() : null;
        }
    }

    /// <summary>What is due now, or how long until something is.</summary>
    public (TimeSpan? Wait, ViewChanges? Changes) TakeDue()
    {
        lock (_gate)
        {
            TimeSpan? wait = _view.IsComplete ? _policy.UntilDue(Now) : null;
            return wait == TimeSpan.Zero ? (wait, Take()) : (wait, null);
        }
    }

    public void Stop() => TakeWatch()?.Dispose();

    public ValueTask StopAsync() => TakeWatch()?.DisposeAsync() ?? ValueTask.CompletedTask;

    public void OnEntry(NatsKvEntryView entry)
    {
        ApplyResult result;
        bool wake = false;
        bool held = false;
        int hidden;
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }

            _interrupted = false;
            hidden = _view.Hidden;
            result = _view.Apply(entry);
            hidden = _view.Hidden - hidden;
            if (_view.IsComplete)
            {
                held = _policy.IsHolding;
                wake = Schedule(result == ApplyResult.Changed, BatchPolicy.IsOpenAfter(entry.Headers));
                held &= !_policy.IsHolding;
            }
        }

        if (wake && held)
        {
            _loop.Hurry();
        }
        else if (wake)
        {
            _loop.Wake();
        }

        if (result == ApplyResult.Rejected)
        {
            ConfigurationLog.ValueRejected(_logger, _settings.Bucket, entry.Revision);
            ConfigurationLog.ValueRejectedKey(_logger, entry.Key, entry.Revision);
        }
        else if (hidden > 0)
        {
            ConfigurationLog.KeysCollide(_logger, _settings.Bucket, entry.Revision);
            ConfigurationLog.KeysCollideKey(_logger, entry.Key, entry.Revision);
        }
    }

    public void OnInitialDataComplete()
    {
        bool wake;
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }

            _interrupted = false;
            _cause = null;
            _view.Complete();
            _policy.Changed(Now);

            // A caller of Load that waits takes the content itself.
            wake = _waiting == 0;
            _settled.Set();
        }

        if (wake)
        {
            _loop.Hurry();
        }
    }

    public void OnReset()
    {
        lock (_gate)
        {
            _view.Clear();
            _policy.Taken();
        }

        ConfigurationLog.BucketReset(_logger, _settings.Bucket);
    }

    public void OnInterrupted(Exception cause)
    {
        bool first;
        bool hydrated;
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }

            TimeSpan now = Now;
            first = !_interrupted || now - _lastInterruption > OneOutage;
            _interrupted = true;
            _lastInterruption = now;
            hydrated = _taken;
            _cause = cause;
            if (!hydrated && LoadFailurePolicy.EndsWait(cause, _settings.Optional))
            {
                _settled.Set();
            }
        }

        // One line per outage; the attempts in between are for those who ask for details.
        if (first && hydrated)
        {
            ConfigurationLog.Interrupted(_logger, _settings.Bucket, cause);
        }
        else
        {
            ConfigurationLog.StillInterrupted(_logger, _settings.Bucket, cause.Message);
        }
    }

    private ViewChanges Take()
    {
        _taken = true;
        _policy.Taken();
        return _view.TakeChanges();
    }

    private bool Schedule(bool changed, bool batchOpen)
    {
        TimeSpan now = Now;
        if (batchOpen)
        {
            _policy.Hold(now);
        }
        else
        {
            _policy.Release();
        }

        if (changed)
        {
            _policy.Changed(now);
        }

        return _policy.UntilDue(now) is not null;
    }

    private INatsKvWatch? TakeWatch()
    {
        lock (_gate)
        {
            _stopped = true;
            INatsKvWatch? watch = _watch;
            _watch = null;
            return watch;
        }
    }
}
