using NatsKv.LoadTest.Measuring;

namespace NatsKv.LoadTest.Rows;

/// <summary>What a row needs.</summary>
internal sealed record RowContext(string Url, INatsKvClient Client, SlicePlan Plan, RowProgress Progress);
