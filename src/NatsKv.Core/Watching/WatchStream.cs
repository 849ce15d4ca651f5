using System.Runtime.CompilerServices;
using NatsKv.Buckets;
using NatsKv.Connection;

namespace NatsKv.Watching;

/// <summary>A watch that is read with <c>await foreach</c>.</summary>
internal sealed class WatchStream(BucketContext context, WatchPlan plan, CancellationToken cancellationToken) : IAsyncEnumerable<NatsKvWatchEvent>
{
    public async IAsyncEnumerator<NatsKvWatchEvent> GetAsyncEnumerator(CancellationToken enumeratorToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, enumeratorToken);
        var engine = new WatchEngine(context, plan, onInterrupted: null, either.Token);
        await using ConfiguredAsyncDisposable disposal = engine.ConfigureAwait(false);
        while (true)
        {
            await ConnectionThread.LeaveAfter(Wait(engine)).ConfigureAwait(false);
            while (TryRead(engine, out NatsKvWatchEvent next))
            {
                yield return next;
            }
        }
    }

    private static async ValueTask<bool> Wait(WatchEngine engine)
    {
        await engine.WaitToReadAsync().ConfigureAwait(false);
        return true;
    }

    // A view must not live across a yield: what is handed out is a copy.
    private static bool TryRead(WatchEngine engine, out NatsKvWatchEvent next)
    {
        bool any = engine.TryRead(out WatchItem item);
        next = any ? item.ToEvent() : default;
        return any;
    }
}
