using NatsKv.LoadTest.Floor;

namespace NatsKv.LoadTest.Rows;

/// <summary>A bucket in memory with a value under each of its keys.</summary>
internal sealed class FilledBucket
{
    private const int Outstanding = 256;
    private const int KeysAtOnce = 10_000;

    private FilledBucket(INatsKvBucket bucket, string[] keys, byte[] value)
    {
        Bucket = bucket;
        Keys = keys;
        Value = value;
    }

    public INatsKvBucket Bucket { get; }

    public string[] Keys { get; }

    public byte[] Value { get; }

    public string Stream => "KV_" + Bucket.Name;

    public IReadOnlyList<string> PutSubjects => Array.ConvertAll(Keys, key => $"$KV.{Bucket.Name}.{key}");

    public IReadOnlyList<string> GetSubjects => DirectGets(Bucket.Name, Keys);

    public static IReadOnlyList<string> DirectGets(string bucket, string[] keys) =>
        Array.ConvertAll(keys, key => $"$JS.API.DIRECT.GET.KV_{bucket}.$KV.{bucket}.{key}");

    public static FilledBucket Create(RowContext context, string name, int keys, int valueBytes)
    {
        context.Progress.Report("filling the bucket");
        INatsKvBucket bucket = context.Client.CreateOrUpdateBucketAsync(new NatsKvBucketConfig { Bucket = name, Storage = NatsKvStorage.Memory })
            .AsTask().GetAwaiter().GetResult();
        byte[] value = new byte[valueBytes];
        value.AsSpan().Fill((byte)'v');
        var filled = new FilledBucket(bucket, [.. Enumerable.Range(0, keys).Select(static number => $"bench.key.{number:D7}")], value);
        filled.Fill(context.Url);
        return filled;
    }

    public void Delete(RowContext context) => context.Client.DeleteBucketAsync(Bucket.Name).AsTask().GetAwaiter().GetResult();

    private void Fill(string url)
    {
        using var link = new RawLink(url);
        foreach (string[] subjects in PutSubjects.Chunk(KeysAtOnce))
        {
            var frames = RequestFrames.Create(link.Inbox, subjects, default, Value);
            new SlidingFloor(link, frames, Outstanding, ReplyRule.Acknowledgement).Run(subjects.Length);
        }
    }
}
