using NatsKv.TestKit;
using NatsKv.Tests.Watching;

namespace NatsKv.Tests.Seeds;

/// <summary>
/// The JavaScript page's three examples of expiry, with a second where it has up to five: started together, because each of them waits for
/// the server's clock.
/// </summary>
public sealed class ExpiryStories(Server server) : IAsyncDisposable
{
    private static readonly NatsKvReadOptions Markers = new() { IncludeDeleted = true };

    // A watch must have been sent the marker before it goes, also on a busy machine.
    private static readonly TimeSpan MarkerTtl = TimeSpan.FromSeconds(3);

    private readonly NatsKvClient _client = server.NewClient();
    private Task? _purge;
    private Task? _maxAge;
    private Task? _create;

    public Task PurgeWithTtl => StartAll(ref _purge);

    public Task MaxAge => StartAll(ref _maxAge);

    public Task CreateWithTtl => StartAll(ref _create);

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_purge ?? Task.CompletedTask, _maxAge ?? Task.CompletedTask, _create ?? Task.CompletedTask)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _client.DisposeAsync();
    }

    // Whichever test comes first starts all three; each awaits its own.
    private Task StartAll(ref Task? wanted)
    {
        _purge ??= PurgeWithTtlAsync();
        _maxAge ??= MaxAgeAsync();
        _create ??= CreateWithTtlAsync();
        return wanted!;
    }

    private async Task PurgeWithTtlAsync()
    {
        INatsKvBucket bucket = await NewBucketAsync("js-purge-ttl", null);
        await bucket.CreateAsync("k", "hello");

        // <snippet:purge-ttl>
        // The history goes at once; the marker goes a second later.
        await bucket.PurgeAsync("k", TimeSpan.FromSeconds(1));
        // </snippet:purge-ttl>

        Assert.Null(await bucket.GetAsync("k"));
        await GoneAsync(bucket);
    }

    private async Task MaxAgeAsync()
    {
        INatsKvBucket bucket = await NewBucketAsync("js-max-age", TimeSpan.FromSeconds(1));
        await using var watch = new WatchReader(bucket.WatchAsync());
        Assert.Equal(["complete"], await watch.ReadAsync(1));

        await bucket.CreateAsync("k", "hello");

        await ExpiredAsync(bucket, watch);
    }

    private async Task CreateWithTtlAsync()
    {
        INatsKvBucket bucket = await NewBucketAsync("js-create-ttl", null);
        await using var watch = new WatchReader(bucket.WatchAsync());
        Assert.Equal(["complete"], await watch.ReadAsync(1));

        await bucket.CreateAsync("k", "hello", TimeSpan.FromSeconds(1));

        await ExpiredAsync(bucket, watch);
    }

    private ValueTask<INatsKvBucket> NewBucketAsync(string name, TimeSpan? maxAge) => _client.CreateBucketAsync(
        new NatsKvBucketConfig { Bucket = name, MaxAge = maxAge, LimitMarkerTtl = MarkerTtl, Storage = NatsKvStorage.Memory });

    // The put may not be told, if nothing was sent for as long as the value lived.
    private static async Task ExpiredAsync(INatsKvBucket bucket, WatchReader watch)
    {
        NatsKvOperation told;
        do
        {
            told = (await watch.NextAsync("the expiry")).Entry!.Operation;
        }
        while (told == NatsKvOperation.Put);

        Assert.Equal(NatsKvOperation.Purge, told);
        Assert.Null(await bucket.GetAsync("k"));
        await GoneAsync(bucket);
    }

    private static Task GoneAsync(INatsKvBucket bucket) =>
        Eventually.TrueAsync(async () => await bucket.GetAsync("k", Markers) is null, "the marker is gone too");
}
