using NatsKv.LoadTest.Loads;

namespace NatsKv.LoadTest.Rows;

/// <summary>Reads a key into an entry of the caller's own.</summary>
internal sealed class GetRow(int callers, int valueBytes, bool isQuick) : RequestRow("get", callers, valueBytes, isQuick)
{
    protected override RequestLoad Prepare(RowContext context)
    {
        FilledBucket bucket = FillBucket(context);
        return new RequestLoad(bucket.Keys, caller => CallAsync(bucket.Bucket, caller), Gets(context, bucket));
    }

    private async Task CallAsync(INatsKvBucket bucket, Caller caller)
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
        }
    }
}
