using NatsKv.Buckets;

namespace NatsKv.Watching;

/// <summary>How long a watch that only wants the initial data goes without the server: as long as one request may take.</summary>
internal sealed class FinitePatience(BucketContext context, WatchPlan plan)
{
    private long? _lostSince;

    /// <summary>Something came from the server.</summary>
    public void Heard() => _lostSince = null;

    /// <summary>A consumer is lost.</summary>
    public void Lost() => _lostSince ??= context.Time.GetTimestamp();

    /// <summary>Whether the watch is over because a consumer can't be made.</summary>
    public bool EndsWith(Exception exception) => plan.IsFinite && (exception is not NatsKvException { IsTransient: true } || IsOver());

    /// <exception cref="NatsKvTimeoutException">It has been too long, although consumers can be made.</exception>
    public void ThrowIfOver()
    {
        if (plan.IsFinite && IsOver())
        {
            throw new NatsKvTimeoutException(
                context.RequestTimeout, $"Listing the content of bucket '{context.Subjects.Bucket}' was interrupted, and heard nothing of the server for {context.RequestTimeout.TotalSeconds:0.#} s.");
        }
    }

    private bool IsOver() => _lostSince is { } since && context.Time.GetElapsedTime(since) >= context.RequestTimeout;
}
