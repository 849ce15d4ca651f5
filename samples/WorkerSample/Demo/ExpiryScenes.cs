using System.Diagnostics;
using NatsKv;

namespace WorkerSample.Demo;

/// <summary>What a bucket with limit markers does by itself: three scenes with keys that come and go in seconds.</summary>
internal static class ExpiryScenes
{
    private static readonly TimeSpan MarkerTtl = TimeSpan.FromSeconds(2);

    public static async Task PlayAsync(DemoScript script, INatsKvClient client, CancellationToken cancellationToken)
    {
        await PurgeWhoseMarkerVanishesAsync(script, client, cancellationToken);
        await BucketWithMaxAgeAsync(script, client, cancellationToken);
        await KeyWithTtlAsync(script, client, cancellationToken);
    }

    private static async Task PurgeWhoseMarkerVanishesAsync(DemoScript script, INatsKvClient client, CancellationToken cancellationToken)
    {
        script.Scene("A key is purged, and its marker goes after 5 s");
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "scene-1", LimitMarkerTtl = MarkerTtl }, cancellationToken);
        await bucket.CreateAsync("k", "hello", cancellationToken: cancellationToken);
        long start = Stopwatch.GetTimestamp();
        await bucket.PurgeAsync("k", new NatsKvWriteOptions { TimeToLive = TimeSpan.FromSeconds(5) }, cancellationToken);
        var withMarkers = new NatsKvReadOptions { IncludeDeleted = true };
        NatsKvEntry? marker = await bucket.GetAsync("k", withMarkers, cancellationToken);
        script.Check(marker?.Operation == NatsKvOperation.Purge, $"right after the purge there is a marker: {marker?.Operation} at revision {marker?.Revision}");
        bool gone = await Patience.UntilAsync(async () => await bucket.GetAsync("k", withMarkers, cancellationToken) is null, cancellationToken);
        script.Check(gone, $"{Seconds(start)} later it has gone too");
        script.Check(await IsEmptyForNewWatchersAsync(bucket, cancellationToken), "and a new watcher sees nothing of the key");
    }

    private static async Task BucketWithMaxAgeAsync(DemoScript script, INatsKvClient client, CancellationToken cancellationToken)
    {
        script.Scene("A bucket in which everything lives 1 s, with markers for 2 s");
        var config = new NatsKvBucketConfig { Bucket = "scene-2", LimitMarkerTtl = MarkerTtl, MaxAge = TimeSpan.FromSeconds(1) };
        INatsKvBucket bucket = await client.CreateBucketAsync(config, cancellationToken);
        await WatchItComeAndGoAsync(script, bucket, null, cancellationToken);
    }

    private static async Task KeyWithTtlAsync(DemoScript script, INatsKvClient client, CancellationToken cancellationToken)
    {
        script.Scene("A key with a TTL of its own, 5 s");
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "scene-3", LimitMarkerTtl = MarkerTtl }, cancellationToken);
        await WatchItComeAndGoAsync(script, bucket, TimeSpan.FromSeconds(5), cancellationToken);
    }

    // The watch is there before the key: a key that lives for a second may be gone before a watch has begun.
    private static async Task WatchItComeAndGoAsync(DemoScript script, INatsKvBucket bucket, TimeSpan? timeToLive, CancellationToken cancellationToken)
    {
        long start = 0;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(20));
        bool purged = false;
        try
        {
            await foreach (NatsKvWatchEvent item in bucket.WatchAsync(cancellationToken: deadline.Token))
            {
                if (item.Kind == NatsKvWatchEventKind.InitialDataComplete && start == 0)
                {
                    start = Stopwatch.GetTimestamp();
                    await bucket.CreateAsync("k", "hello", timeToLive, cancellationToken);
                }
                else if (item.Entry is { } entry)
                {
                    script.Say($"{Seconds(start)}: the watch says {entry.Operation} {entry.Key}");
                    purged = entry.Operation == NatsKvOperation.Purge;
                }

                if (purged)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It never came; the check below says so.
        }

        script.Check(purged, "the server has removed the key, and the watch has seen it as a Purge");
        var withMarkers = new NatsKvReadOptions { IncludeDeleted = true };
        bool gone = await Patience.UntilAsync(async () => await bucket.GetAsync("k", withMarkers, cancellationToken) is null, cancellationToken);
        script.Check(gone, $"{Seconds(start)} after the start its marker has gone too");
    }

    private static async Task<bool> IsEmptyForNewWatchersAsync(INatsKvBucket bucket, CancellationToken cancellationToken)
    {
        await foreach (NatsKvWatchEvent item in bucket.WatchAsync(cancellationToken: cancellationToken))
        {
            return item.Kind == NatsKvWatchEventKind.InitialDataComplete;
        }

        return false;
    }

    private static string Seconds(long start) => $"{Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s";
}
