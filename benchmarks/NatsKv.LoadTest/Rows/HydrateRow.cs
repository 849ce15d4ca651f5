namespace NatsKv.LoadTest.Rows;

/// <summary>Reads a whole bucket through a watch.</summary>
internal sealed class HydrateRow(int keys, bool isQuick)
    : HydrationRow("hydrate-" + (keys < 1_000_000 ? $"{keys / 1000}k" : $"{keys / 1_000_000}M"), keys, isQuick)
{
    protected override long Hydrate(RowContext context, INatsKvBucket bucket)
    {
        using var handler = new CountingHandler();
        using INatsKvWatch watch = bucket.StartWatch(handler);
        handler.WaitForInitialData();
        return handler.Entries;
    }
}
