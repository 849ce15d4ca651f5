namespace NatsKv.Tests.Seeds;

/// <summary>The JavaScript page's examples of expiry: <c>markerTTL</c>, <c>ttl</c>, and a TTL of one key.</summary>
public sealed class JavaScriptPageExpiryTests(ExpiryStories stories) : IClassFixture<ExpiryStories>
{
    [Fact]
    public Task PurgeWithTtl_TheMarkerGoesByItself() => stories.PurgeWithTtl;

    [Fact]
    public Task MaxAgeOfTheBucket_TheWatchIsToldAPurgeAndTheMarkerGoesToo() => stories.MaxAge;

    [Fact]
    public Task CreateWithTtl_TheWatchIsToldAPurgeAndTheMarkerGoesToo() => stories.CreateWithTtl;
}
