using NatsKv.LoadTest.Floor;
using NatsKv.LoadTest.Loads;

namespace NatsKv.LoadTest.Rows;

/// <summary>
/// Gets whose callers are busy after each reply. Their floor continues on the thread pool, because a raw loop would do the work of all
/// callers on its one thread.
/// </summary>
internal sealed class GetThenWorkRow(string name, Func<Action> makeWork, bool isQuick, int sliceFactor = 1)
    : RequestRow(name, callers: 64, valueBytes: 1024, isQuick)
{
    protected override int SliceFactor => sliceFactor;

    protected override RequestLoad Prepare(RowContext context)
    {
        FilledBucket bucket = FillBucket(context);
        var link = new RawLink(context.Url);
        var frames = RequestFrames.Create(link.Inbox, bucket.GetSubjects, default, default);
        Action work = makeWork();
        return new RequestLoad(
            bucket.Keys,
            caller => CallAsync(bucket.Bucket, caller, work),
            new PooledFloor(link, frames, Callers, ReplyRule.Value(ValueBytes), makeWork()));
    }

    private async Task CallAsync(INatsKvBucket bucket, Caller caller, Action work)
    {
        while (caller.GoesOn)
        {
            long begun = caller.Begin();
            NatsKvEntry? entry = await bucket.GetAsync(caller.NextKey());
            caller.End(begun);
            if (entry?.Value.Length != ValueBytes)
            {
                throw new InvalidOperationException("A get brought something else.");
            }

            work();
        }
    }
}
