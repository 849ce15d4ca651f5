using System.Globalization;
using NatsKv.TestKit;

namespace NatsKv.Tests.Watching.Rows;

/// <summary>
/// A large bucket is taken in with bounded memory and a progress that can be shown. <c>NATSKV_HYDRATE_KEYS</c> sets another number of keys.
/// </summary>
[Collection(Connection.StarvedPoolCollection.Name)]
public sealed class HydrateRows(ServerVersions servers) : RowTests(servers)
{
    private const int Keys = 1_000_000;
    private const long MostGrowth = 64L * 1024 * 1024;

    [Fact]
    public async Task W6_LargeBucket_IsTakenInWithBoundedMemoryAndProgress()
    {
        int count = int.TryParse(Environment.GetEnvironmentVariable("NATSKV_HYDRATE_KEYS"), CultureInfo.InvariantCulture, out int asked) ? asked : Keys;
        INatsKvBucket bucket = await NewBucketAsync();
        await FillAsync(bucket, count, static i => i.ToString("D16", CultureInfo.InvariantCulture));
        long before = Used();
        long peak = 0;
        INatsKvWatch? watch = null;
        var started = new TaskCompletionSource();
        var progress = new List<(long Received, long Expected)>();
        int entries = 0;
        var handler = new CountingHandler
        {
            // Looked at from here: somebody beside it may be held up until all is over.
            OnEach = _ =>
            {
                if (++entries % Math.Max(count / 10, 1) == 0)
                {
                    started.Task.Wait(Ct);
                    NatsKvWatchStatus status = watch!.Status;
                    progress.Add((status.Received, status.Expected));
                }
            },
        };

        watch = Own(bucket.StartWatch(handler));
        started.SetResult();
        await Eventually.TrueAsync(
            () =>
            {
                peak = Math.Max(peak, Used());
                return handler.Completions > 0;
            },
            $"the initial data of {count} keys",
            TimeSpan.FromMinutes(3),
            Ct);

        Assert.Equal(count, handler.Entries);
        Assert.InRange(peak - before, long.MinValue, MostGrowth);
        Assert.Equal(progress.Select(static step => step.Received).Order(), progress.Select(static step => step.Received));
        Assert.All(progress, step => Assert.True(step.Received <= step.Expected && step.Expected <= count, $"{step}"));
        Assert.True(progress.Select(static step => step.Received).Distinct().Count() > 3, $"progress was seen: {string.Join(", ", progress.Distinct())}");
        await Eventually.EqualAsync((count, count), () => ((int)watch.Status.Received, (int)watch.Status.Expected), "the progress at the end", ct: Ct);
        TestContext.Current.SendDiagnosticMessage("{0} keys, growth of {1} bytes at most, progress {2}", count, peak - before, string.Join(", ", progress.Distinct()));

        // What is held, not what waits to be collected.
        static long Used()
        {
            GC.Collect();
            return GC.GetTotalMemory(forceFullCollection: false);
        }
    }
}
