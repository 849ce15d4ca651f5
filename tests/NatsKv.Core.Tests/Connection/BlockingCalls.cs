using System.Buffers;
using System.Text;

namespace NatsKv.Tests.Connection;

/// <summary>A round of blocking calls, and a thread to make them on.</summary>
internal static class BlockingCalls
{
    public static string? PutAndRead(NatsKvClient client, string name)
    {
        INatsKvBlockingBucket bucket = client.Blocking.CreateBucket(new NatsKvBucketConfig { Bucket = name, LimitMarkerTtl = TimeSpan.FromSeconds(5) }).Blocking;
        bucket.Put("key", new ReadOnlySequence<byte>("value"u8.ToArray()), new NatsKvWriteOptions { TimeToLive = TimeSpan.FromMinutes(1) });
        bucket.Put("gone", new ReadOnlySequence<byte>("value"u8.ToArray()));
        bucket.Purge("gone");
        Assert.Null(bucket.Read("gone", 0, static (_, _) => "there"));
        return bucket.Read("key", 0, static (entry, _) => Encoding.UTF8.GetString(entry.Value));
    }

    public static Task<T> OnOwnThread<T>(Func<T> run)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                done.SetResult(run());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        thread.Start();
        return done.Task;
    }
}
