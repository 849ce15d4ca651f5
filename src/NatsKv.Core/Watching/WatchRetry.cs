using NatsKv.Connection;

namespace NatsKv.Watching;

/// <summary>
/// How long to pause before the next consumer. Pure. That the server has made a consumer proves nothing: it may never say a word, because
/// its inbox is forbidden, for example. Only one that was heard makes the next loss a new one.
/// </summary>
internal sealed class WatchRetry(Func<double> random)
{
    /// <summary>No pause is longer.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private int _ends;

    /// <summary>Whether any consumer was ever heard.</summary>
    public bool WasProven { get; private set; }

    /// <summary>Whether somebody has to act before this can work again.</summary>
    public static bool NeedsSomebody(Exception? cause) => cause is
        NatsKvBucketNotFoundException or NatsKvBucketConfigException or NatsKvPermissionException or NatsKvNotSupportedException
        or NatsKvConnectionException { IsTransient: false } or NatsKvServerException { IsTransient: false, Code: < 500 };

    /// <summary>The consumer was heard.</summary>
    public void OnProven()
    {
        WasProven = true;
        _ends = 0;
    }

    /// <summary>A consumer is lost, or could not be made.</summary>
    /// <returns>How long to pause.</returns>
    public TimeSpan OnEnded(Exception? cause)
    {
        _ends++;
        if (WasProven && _ends == 1 && !NeedsSomebody(cause))
        {
            return TimeSpan.Zero;
        }

        // A missing bucket is asked for, which costs nothing, and is often only being made anew. Everything else that somebody has to put
        // right would make the server create one consumer after the other.
        bool isSlow = NeedsSomebody(cause) && cause is not NatsKvBucketNotFoundException;
        return Backoff.Delay(isSlow ? int.MaxValue : _ends, LongestPause, random());
    }
}
