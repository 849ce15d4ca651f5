using System.Buffers;
using System.Diagnostics;
using Microsoft.Extensions.Caching.Distributed;

namespace NatsKv.Caching.Tests.Server;

/// <summary>The methods that don't return a task, where waiting for the thread pool or the caller's context would never end.</summary>
[Collection(nameof(BlockingTests))]
[CollectionDefinition(nameof(BlockingTests), DisableParallelization = true)]
public sealed class BlockingTests(CacheServer server)
{
    private static readonly byte[] Value = [1, 2, 3];
    private static readonly DistributedCacheEntryOptions Sliding = new() { SlidingExpiration = TimeSpan.FromSeconds(9) };
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public void SyncMethods_EveryPoolThreadBlocked_ComeBack()
    {
        using var release = new ManualResetEventSlim();
        using var client = new NatsKvClient(new NatsKvOptions { Url = server.Url });
        using NatsKvCache cache = new(client, Microsoft.Extensions.Options.Options.Create(new NatsKvCacheOptions { Bucket = server.NewName("starved") }));
        ThreadPool.GetMinThreads(out int workers, out _);
        int blocked = 0;
        for (int i = 0; i < 500; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    Interlocked.Increment(ref blocked);
                    release.Wait();
                },
                null);
        }

        try
        {
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref blocked) >= workers, Deadline));

            // From the very first call on: it connects and makes the bucket.
            Run(() =>
            {
                UseAll(cache);
                AssertSlides(cache);
            });
        }
        finally
        {
            release.Set();
        }
    }

    [Fact]
    public void AllMethods_UnderAContextThatIsNeverPumped_ComeBack()
    {
        using NatsKvCache cache = server.Cache(server.NewName("context"));
        Run(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new DeafContext());
            UseAll(cache);
#pragma warning disable xUnit1031 // Blocking on tasks is what such callers do.
            cache.SetAsync("key", Value, Sliding).GetAwaiter().GetResult();
            Assert.Equal(Value, cache.GetAsync("key").GetAwaiter().GetResult());
            Assert.True(cache.TryGetAsync("key", new ArrayBufferWriter<byte>()).AsTask().GetAwaiter().GetResult());
            cache.RefreshAsync("key").GetAwaiter().GetResult();
            cache.RemoveAsync("key").GetAwaiter().GetResult();
#pragma warning restore xUnit1031
        });
    }

    private static void UseAll(NatsKvCache cache)
    {
        cache.Set("key", Value, Sliding);
        Assert.Equal(Value, cache.Get("key"));
        Assert.True(cache.TryGet("key", new ArrayBufferWriter<byte>()));
        cache.Refresh("key");
        cache.Refresh("key");
        cache.Set("key", new ReadOnlySequence<byte>(Value), new());
        cache.Remove("key");
        Assert.Null(cache.Get("key"));
        for (int i = 0; i < 500; i++)
        {
            cache.Set("key", Value, Sliding);
            Assert.Equal(Value, cache.Get("key"));
        }
    }

    // The ends of the touches can't be heard of, since that takes the pool.
    private static void AssertSlides(NatsKvCache cache)
    {
        cache.Set("slides", Value, new() { SlidingExpiration = TimeSpan.FromSeconds(6) });
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(6.5);)
        {
            Assert.Equal(Value, cache.Get("slides"));
        }
    }

    private static void Run(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        })
        {
            IsBackground = true,
        };
        thread.Start();
        Assert.True(thread.Join(Deadline), "The calls have not come back.");
        Assert.Null(failure);
    }

    /// <summary>One thread's context, whose thread is busy waiting: what is posted never runs.</summary>
    private sealed class DeafContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();
    }
}
