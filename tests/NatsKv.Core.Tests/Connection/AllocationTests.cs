using System.Buffers;

namespace NatsKv.Tests.Connection;

/// <summary>
/// What a call allocates once everything is warm. The whole process is measured, because the work is done on several threads; so nothing else
/// runs beside it, and the bound is an average over many calls, below which a single object a call would not fit.
/// </summary>
[Collection(StarvedPoolCollection.Name)]
public sealed class AllocationTests(Server server)
{
    private const int Calls = 5000;
    private const int ValueSize = 1024;
    private const int ArrayOverhead = 24;

    // Timers, the sweep of deadlines and a collection's own bookkeeping come to a few bytes a call.
    private const int Noise = 24;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    public async Task Get_AllocatesTheReturnedArrayOnly(int callers)
    {
        (NatsKvClient client, INatsKvBucket bucket) = await NewBucketAsync();
        await using NatsKvClient _ = client;

        double bytes = await BytesPerCallAsync(callers, ValueSize + ArrayOverhead + Noise, async calls =>
        {
            for (int i = 0; i < calls; i++)
            {
                await bucket.ReadAsync("key", 0, static (entry, _) => entry.Value.ToArray()).ConfigureAwait(false);
            }
        });

        Assert.InRange(bytes, ValueSize, ValueSize + ArrayOverhead + Noise);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    public async Task GetIntoABuffer_AllocatesNothing(int callers)
    {
        (NatsKvClient client, INatsKvBucket bucket) = await NewBucketAsync();
        await using NatsKvClient _ = client;
        byte[] destination = new byte[ValueSize];

        double bytes = await BytesPerCallAsync(callers, Noise, async calls =>
        {
            for (int i = 0; i < calls; i++)
            {
                await bucket.ReadAsync("key", destination, static (entry, destination) =>
                {
                    entry.Value.CopyTo(destination);
                    return entry.Value.Length;
                }).ConfigureAwait(false);
            }
        });

        Assert.InRange(bytes, 0, Noise);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    public async Task Put_AllocatesNothing(int callers)
    {
        (NatsKvClient client, INatsKvBucket bucket) = await NewBucketAsync();
        await using NatsKvClient _ = client;
        var value = new ReadOnlySequence<byte>(new byte[ValueSize]);

        double bytes = await BytesPerCallAsync(callers, Noise, async calls =>
        {
            for (int i = 0; i < calls; i++)
            {
                await bucket.PutAsync("key", value).ConfigureAwait(false);
            }
        });

        Assert.InRange(bytes, 0, Noise);
    }

    // The loop is the caller's own async method: it allocates once, however many calls it makes. What a call allocates it does in every round; what
    // else a busy process does, not.
    private static async Task<double> BytesPerCallAsync(int callers, double most, Func<int, Task> loop)
    {
        await RunAsync(callers, loop);
        double least = double.MaxValue;
        for (int round = 0; round < 10 && least > most; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await RunAsync(callers, loop);
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Calls);
        }

        return least;
    }

    private static Task RunAsync(int callers, Func<int, Task> loop) => Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
    {
        await loop(Calls / callers).ConfigureAwait(false);
        await Task.Yield();
    })));

    private async Task<(NatsKvClient Client, INatsKvBucket Bucket)> NewBucketAsync()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await bucket.PutAsync("key", new byte[ValueSize], cancellationToken: Ct);
        return (client, bucket);
    }
}
