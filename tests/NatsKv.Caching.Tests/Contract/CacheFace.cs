using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace NatsKv.Caching.Tests.Contract;

/// <summary>One of the two faces of a cache, so that a test body is written once for both.</summary>
public sealed class CacheFace(NatsKvCache cache, bool sync)
{
    public static DistributedCacheEntryOptions Never { get; } = new();

    public static TheoryData<bool> Both => [false, true];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public NatsKvCache Cache => cache;

    public Task<byte[]?> GetAsync(string key) => sync ? Sync(() => cache.Get(key)) : cache.GetAsync(key, Ct);

    public Task<bool> TryGetAsync(string key, IBufferWriter<byte> destination) =>
        sync ? Sync(() => cache.TryGet(key, destination)) : cache.TryGetAsync(key, destination, Ct).AsTask();

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions? options = null) =>
        sync ? Sync(() => cache.Set(key, value, options ?? Never)) : cache.SetAsync(key, value, options ?? Never, Ct);

    public Task SetWithoutOptionsAsync(string key, byte[] value) =>
        sync ? Sync(() => cache.Set(key, value, null!)) : cache.SetAsync(key, value, null!, Ct);

    public Task SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions? options = null) =>
        sync ? Sync(() => cache.Set(key, value, options ?? Never)) : cache.SetAsync(key, value, options ?? Never, Ct).AsTask();

    public Task RefreshAsync(string key) => sync ? Sync(() => cache.Refresh(key)) : cache.RefreshAsync(key, Ct);

    public Task RemoveAsync(string key) => sync ? Sync(() => cache.Remove(key)) : cache.RemoveAsync(key, Ct);

    private static Task<object?> Sync(Action action) => Sync<object?>(() =>
    {
        action();
        return null;
    });

    private static Task<T> Sync<T>(Func<T> function)
    {
        try
        {
            return Task.FromResult(function());
        }
        catch (Exception exception)
        {
            return Task.FromException<T>(exception);
        }
    }
}
