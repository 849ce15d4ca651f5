using Microsoft.Extensions.Caching.Distributed;
using NatsKv.LoadTest.Commands;
using NatsKv.LoadTest.Peers;

namespace NatsKv.LoadTest.Rows;

/// <summary>All rows, in the order in which they are measured.</summary>
internal static class RowCatalog
{
    private const int KiB = 1024;

    private static readonly int[] CallerCounts = [1, 16, 64, 256];
    private static readonly int[] ValueSizes = [64, KiB, 64 * KiB];

    public static string FullName(IRow row) => $"{row.Name}-x{row.Callers}-{row.ValueBytes}B";

    public static IReadOnlyList<IRow> Select(LoadTestSettings settings)
    {
        IRow[] all = [.. All().SelectMany(row => (IEnumerable<IRow>)[row, .. PeerRows.Of(settings.Peer, row)])];
        if (settings.Rows.FirstOrDefault(name => !all.Any(row => Is(row, name))) is { } unknown)
        {
            throw new ArgumentException($"There is no row '{unknown}'. There are: {string.Join(", ", all.Select(static row => row.Name).Distinct())}.");
        }

        return
        [
            .. all.Where(row => settings.Rows.Count == 0
                ? row.IsQuick || !settings.Quick
                : settings.Rows.Any(name => Is(row, name) && (row.IsQuick || !settings.Quick || name == FullName(row) || all.All(other => other.Name != name || !other.IsQuick)))),
        ];
    }

    // 'hydrate' stands for all of hydrate-1k, hydrate-100k and hydrate-1M.
    private static bool Is(IRow row, string name) =>
        row.Name == name || FullName(row) == name || (row is HydrateRow && name == "hydrate") || (row is IPeerRow peer && Is(peer.Counterpart, name));

    private static IEnumerable<IRow> All()
    {
        foreach (int bytes in ValueSizes)
        {
            foreach (int callers in CallerCounts)
            {
                bool isQuick = bytes == KiB && callers is (1 or 64);
                yield return new GetRow(callers, bytes, isQuick);
                yield return new PutRow(callers, bytes, isQuick);
            }
        }

        yield return new GetBufferRow(64, KiB, isQuick: true);
        yield return new GetThenWorkRow("get-busy-50us", static () => BusyReplies.Compute(TimeSpan.FromMicroseconds(50)), isQuick: true);
        yield return new GetThenWorkRow("get-busy-500us", static () => BusyReplies.Compute(TimeSpan.FromMicroseconds(500)), isQuick: false);
        yield return new GetThenWorkRow("get-one-blocks", BusyReplies.BlockOneInAThousand, isQuick: false, sliceFactor: 4);
        yield return new CacheGetRow("cache-get", AnHour, isQuick: true);
        yield return new CacheSetRow(isQuick: true);
        yield return new CacheGetRow("cache-sliding-get", TenMinutesSliding, isQuick: false);
        yield return new HydrateRow(1_000, isQuick: false);
        yield return new HydrateRow(100_000, isQuick: true);
        yield return new HydrateRow(1_000_000, isQuick: false);
        yield return new WatchThroughputRow();
        yield return new PropagationRow("change-propagation", keys: 100, Host, isQuick: true);
        yield return new PropagationRow("reload-one-of-100k", keys: 100_000, Reload, isQuick: false);
        yield return new PropagationRow("options-one-of-100k", keys: 100_000, Host, isQuick: false);
        yield return new BindRow();
        yield return new IdleWatchRow();
        yield return new ManyHostsRow();
    }

    private static ProbeHost Host(string url, string bucket) => new(url, bucket);

    private static ReloadProbe Reload(string url, string bucket) => new(url, bucket);

    private static DistributedCacheEntryOptions AnHour() => new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1) };

    private static DistributedCacheEntryOptions TenMinutesSliding() => new() { SlidingExpiration = TimeSpan.FromMinutes(10) };
}
