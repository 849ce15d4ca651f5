using NatsKv.LoadTest.Loads;

namespace NatsKv.LoadTest.Rows;

/// <summary>Stores a value under a key.</summary>
internal sealed class PutRow(int callers, int valueBytes, bool isQuick) : RequestRow("put", callers, valueBytes, isQuick)
{
    protected override RequestLoad Prepare(RowContext context)
    {
        FilledBucket bucket = FillBucket(context);
        return new RequestLoad(bucket.Keys, caller => CallAsync(bucket, caller), Puts(context, bucket));
    }

    private static async Task CallAsync(FilledBucket bucket, Caller caller)
    {
        while (caller.GoesOn)
        {
            long begun = caller.Begin();
            await bucket.Bucket.PutAsync(caller.NextKey(), bucket.Value);
            caller.End(begun);
        }
    }
}
