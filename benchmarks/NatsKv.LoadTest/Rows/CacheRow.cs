using System.Text;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using NatsKv.LoadTest.Floor;
using NatsKv.LoadTest.Loads;

namespace NatsKv.LoadTest.Rows;

/// <summary>The distributed cache, as a host registers it. The floor moves the same stored messages, headers included.</summary>
internal abstract class CacheRow(string name, bool isQuick) : RequestRow(name, callers: 64, valueBytes: 1024, isQuick)
{
    private const string BucketName = "bench-cache";

    // What the server adds to a stored message when it hands it out.
    private static readonly string[] AddedOnRead = ["Nats-Stream:", "Nats-Subject:", "Nats-Sequence:", "Nats-Time-Stamp:"];

    private ServiceProvider? _services;

    protected byte[] Value { get; } = new byte[1024];

    protected override RequestLoad Prepare(RowContext context)
    {
        context.Progress.Report("filling the cache");
        _services = new ServiceCollection()
            .AddNatsKv(options => options.Url = context.Url)
            .AddNatsKvCache(options =>
            {
                options.Bucket = BucketName;
                options.Storage = NatsKvStorage.Memory;
            })
            .BuildServiceProvider();
        var cache = _services.GetRequiredService<IDistributedCache>();
        string[] keys = [.. Enumerable.Range(0, KeyCount).Select(static number => $"bench:key:{number:D7}")];
        foreach (string key in keys)
        {
            cache.Set(key, Value, Expiry());
        }

        string[] bucketKeys = Array.ConvertAll(keys, static key => key.Replace(':', '.'));
        return new RequestLoad(keys, caller => CallAsync(cache, caller), CreateFloor(new RawLink(context.Url), bucketKeys));
    }

    protected override void CleanUp(RowContext context)
    {
        _services?.Dispose();
        context.Client.DeleteBucketAsync(BucketName).AsTask().GetAwaiter().GetResult();
    }

    protected abstract DistributedCacheEntryOptions Expiry();

    protected abstract Task CallAsync(IDistributedCache cache, Caller caller);

    protected abstract IFloor CreateFloor(RawLink link, string[] bucketKeys);

    protected IFloor Gets(RawLink link, string[] bucketKeys) => new SlidingFloor(
        link, RequestFrames.Create(link.Inbox, FilledBucket.DirectGets(BucketName, bucketKeys), default, default), Callers, ReplyRule.Value(ValueBytes));

    /// <summary>Stores what the cache has stored, with the same headers.</summary>
    protected IFloor Sets(RawLink link, string[] bucketKeys)
    {
        byte[] stored = link.Ask(FilledBucket.DirectGets(BucketName, bucketKeys)[0]);
        int headersEnd = stored.AsSpan().IndexOf("\r\n\r\n"u8);
        IEnumerable<string> lines = Encoding.ASCII.GetString(stored, 0, headersEnd).Split("\r\n")
            .Where(static line => !AddedOnRead.Any(added => line.StartsWith(added, StringComparison.Ordinal)));
        byte[] headers = Encoding.ASCII.GetBytes(string.Join("\r\n", lines) + "\r\n\r\n");
        string[] subjects = Array.ConvertAll(bucketKeys, static key => $"$KV.{BucketName}.{key}");
        return new SlidingFloor(link, RequestFrames.Create(link.Inbox, subjects, headers, Value), Callers, ReplyRule.Acknowledgement);
    }
}
