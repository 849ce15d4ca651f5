using System.Buffers;
using NatsKv.LoadTest.Loads;

namespace NatsKv.LoadTest.Rows;

/// <summary>Reads a key into a buffer that the caller uses again.</summary>
internal sealed class GetBufferRow(int callers, int valueBytes, bool isQuick) : RequestRow("get-buffer", callers, valueBytes, isQuick)
{
    private static readonly NatsKvEntryReader<ArrayBufferWriter<byte>, bool> Copy = static (entry, writer) =>
    {
        writer.Write(entry.Value);
        return true;
    };

    protected override RequestLoad Prepare(RowContext context)
    {
        FilledBucket bucket = FillBucket(context);
        return new RequestLoad(bucket.Keys, caller => CallAsync(bucket.Bucket, caller), Gets(context, bucket));
    }

    private async Task CallAsync(INatsKvBucket bucket, Caller caller)
    {
        var writer = new ArrayBufferWriter<byte>(ValueBytes);
        while (caller.GoesOn)
        {
            writer.ResetWrittenCount();
            long begun = caller.Begin();
            bool found = await bucket.ReadAsync(caller.NextKey(), writer, Copy);
            caller.End(begun);
            if (!found || writer.WrittenCount != ValueBytes)
            {
                throw new InvalidOperationException("A get brought something else.");
            }
        }
    }
}
