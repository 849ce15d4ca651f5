using System.Diagnostics;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Options;
using NatsKv.Testing;
using NatsKv.TestKit;

namespace NatsKv.Caching.Tests.Server;

/// <summary>Two hosts on two nodes of a cluster, and a bucket on three: lost races look different there, and replicas lag.</summary>
[Collection(nameof(BlockingTests))]
public sealed class ClusterTests : IAsyncLifetime
{
    private static readonly byte[] Value = [1, 2, 3];
    private readonly List<NatsKvClient> _clients = [];
    private readonly List<NatsKvCache> _caches = [];
    private NatsCluster? _cluster;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await NatsCluster.StartAsync(ct: Ct);

    public async ValueTask DisposeAsync()
    {
        _caches.ForEach(cache => cache.Dispose());
        foreach (NatsKvClient client in _clients)
        {
            await client.DisposeAsync();
        }

        await _cluster!.DisposeAsync();
    }

    [Fact]
    public async Task SlidingEntry_UsedOnTwoNodes_NeitherMissesNorUndoesWrites()
    {
        NatsKvCache[] caches = [Cache(0), Cache(1)];
        await AssertReadersNeverMiss(caches);
        await AssertSetStays(caches);
        await AssertRemoveStays(caches);
    }

    // An election may take longer than the entry lives, and then there is nothing that could renew it: such a round says nothing.
    private static async Task AssertReadersNeverMiss(NatsKvCache[] caches)
    {
        TimeSpan window = TimeSpan.FromSeconds(6);
        for (int round = 0; round < 10; round++)
        {
            await caches[0].SetAsync("used", Value, new() { SlidingExpiration = window }, Ct);
            var clock = Stopwatch.StartNew();
            Task<(byte[]? Last, TimeSpan LongestGap)>[] readers =
                [.. Enumerable.Range(0, 8).Select(i => ReadAsync(caches[i % 2], clock, window + TimeSpan.FromSeconds(0.5)))];
            (byte[]? Last, TimeSpan LongestGap)[] seen = await Task.WhenAll(readers);
            if (seen.Max(reader => reader.LongestGap) < TimeSpan.FromSeconds(2))
            {
                Assert.All(seen, reader => Assert.Equal(Value, reader.Last));
                return;
            }
        }

        Assert.Fail("There was no round in which the cluster answered all the time.");
    }

    // Reads until the time is up or there is no value; and tells the longest time from one answer to the next.
    private static async Task<(byte[]? Last, TimeSpan LongestGap)> ReadAsync(NatsKvCache cache, Stopwatch clock, TimeSpan time)
    {
        byte[]? last = Value;
        TimeSpan longest = TimeSpan.Zero;
        for (TimeSpan before = clock.Elapsed; last is not null && before < time;)
        {
            last = await cache.GetAsync("used", Ct);
            TimeSpan now = clock.Elapsed;
            longest = now - before > longest ? now - before : longest;
            before = now;
        }

        return (last, longest);
    }

    private static async Task AssertSetStays(NatsKvCache[] caches)
    {
        var sliding = new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(10) };
        for (int i = 0; i < 100; i++)
        {
            byte[] value = BitConverter.GetBytes(i);
            Task[] readers = [.. Enumerable.Range(0, 6).Select(reader => caches[reader % 2].GetAsync("set", Ct))];
            await caches[i % 2].SetAsync("set", value, sliding, Ct);
            await Task.WhenAll(readers);
            await Settled(caches);

            Assert.Equal(value, await caches[(i + 1) % 2].GetAsync("set", Ct));
        }
    }

    private static async Task AssertRemoveStays(NatsKvCache[] caches)
    {
        var sliding = new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(10) };
        for (int i = 0; i < 100; i++)
        {
            await caches[i % 2].SetAsync("removed", Value, sliding, Ct);
            Task[] readers =
            [
                .. Enumerable.Range(0, 4).Select(reader => caches[reader % 2].GetAsync("removed", Ct)),
                .. caches.Select(cache => cache.RefreshAsync("removed", Ct)),
            ];
            await caches[i % 2].RemoveAsync("removed", Ct);
            await Task.WhenAll(readers);
            await Settled(caches);

            Assert.Null(await caches[(i + 1) % 2].GetAsync("removed", Ct));
        }
    }

    private static async Task Settled(NatsKvCache[] caches)
    {
        foreach (NatsKvCache cache in caches)
        {
            await Eventually.EqualAsync(0, () => cache.TouchesUnderWay, "touches under way", ct: Ct);
        }
    }

    private NatsKvCache Cache(int node)
    {
        var client = new NatsKvClient(new NatsKvOptions { Url = _cluster!.Nodes[node].Url, RequestTimeout = TimeSpan.FromSeconds(20) });
        _clients.Add(client);
        var options = new NatsKvCacheOptions { Replicas = 3, Storage = NatsKvStorage.Memory, ReadFromLeader = true, SlidingRefreshQuantum = 0 };
        var cache = new NatsKvCache(client, Options.Create(options));
        _caches.Add(cache);
        return cache;
    }
}
