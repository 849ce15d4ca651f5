using NatsKv.Buckets;
using NatsKv.TestKit;
using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Buckets;

/// <summary>Whether a bucket allows direct get is found out, and found out again after a while.</summary>
public sealed class DirectGetRouteTests(Server server)
{
    private static readonly TimeSpan While = TimeSpan.FromSeconds(30);

    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Close_IsForAWhile()
    {
        var route = new DirectGetRoute(_time);
        Assert.False(route.IsClosed);

        route.Close();
        _time.Advance(While - TimeSpan.FromMilliseconds(1));
        Assert.True(route.IsClosed);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(route.IsClosed);

        route.Close();
        route.Reset();
        Assert.False(route.IsClosed);
    }

    [Fact]
    public void Missed_TwiceWithoutAnAnswerBetween_Closes()
    {
        var route = new DirectGetRoute(_time);

        route.Missed();
        route.Answered();
        route.Missed();
        Assert.False(route.IsClosed);

        route.Missed();
        Assert.True(route.IsClosed);

        _time.Advance(While);
        route.Missed();
        Assert.False(route.IsClosed);
    }

    [Fact]
    public async Task DirectGet_AllowedAfterwards_IsUsedAfterAWhile()
    {
        (NatsKvClient owner, INatsKvBucket own) = await server.NewBucketAsync(static config => config with { AllowDirectGet = false });
        await using NatsKvClient _ = owner;
        await own.PutAsync("key", "value", cancellationToken: Ct);
        RecordingTransport? transport = null;
        await using var client = new NatsKvClient(
            new NatsKvOptions { Url = server.Url, TransportFactory = context => transport = new RecordingTransport(context) }, timeProvider: _time);
        INatsKvBucket bucket = client.Bind(own.Name);
        Assert.Equal(1, await DirectGetsAsync());
        Assert.Equal(0, await DirectGetsAsync());
        await owner.UpdateBucketAsync(own.Name, static config => config with { AllowDirectGet = true }, Ct);
        Assert.Equal(0, await DirectGetsAsync());

        _time.Advance(While);

        Assert.Equal(1, await DirectGetsAsync());
        Assert.Equal(0, transport!.Count("MSG.GET"));
        Assert.Equal(1, await DirectGetsAsync());

        async Task<int> DirectGetsAsync()
        {
            transport?.Subjects.Clear();
            Assert.Equal("value", await bucket.GetStringAsync("key", Ct));
            return transport!.Count("DIRECT.GET");
        }
    }
}
