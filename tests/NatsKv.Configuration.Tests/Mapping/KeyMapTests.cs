using NatsKv.Configuration.Mapping;

namespace NatsKv.Configuration.Tests.Mapping;

public sealed class KeyMapTests
{
    [Theory]
    [InlineData(null, "Greeting", "Greeting")]
    [InlineData(null, "App.Web.Greeting", "App:Web:Greeting")]
    [InlineData("", "a.b", "a:b")]
    [InlineData(null, "hosts.0", "hosts:0")]
    [InlineData(null, "a-b_c=d/e", "a-b_c=d/e")]
    [InlineData("app", "app.x", "x")]
    [InlineData("app", "app.x.y", "x:y")]
    [InlineData("app.web", "app.web.Greeting", "Greeting")]
    [InlineData("app", "app.app.x", "app:x")]
    public void ToConfigurationKey_LegalKey_IsSplitAtDots(string? prefix, string key, string expected) =>
        Assert.Equal(expected, new KeyMap(prefix).ToConfigurationKey(key));

    [Theory]
    [InlineData("app", "app")]
    [InlineData("app", "application.x")]
    [InlineData("app", "App.x")]
    [InlineData("app", "ap")]
    [InlineData("app", "other.app.x")]
    [InlineData("app", "app.")]
    [InlineData(null, "")]
    [InlineData(null, "_kv.internal")]
    [InlineData(null, "_kvs")]
    public void ToConfigurationKey_NotBelowPrefixOrReserved_IsNoSetting(string? prefix, string key) =>
        Assert.Null(new KeyMap(prefix).ToConfigurationKey(key));

    [Theory]
    [InlineData("raw:colon", "raw:colon")]
    [InlineData("raw.ünï", "raw:ünï")]
    [InlineData("a..b", "a::b")]
    [InlineData(".a", ":a")]
    [InlineData("a.", "a:")]
    [InlineData("raw$x|y,z%20 \t\0", "raw$x|y,z%20 \t\0")]
    [InlineData("\ud800", "\ud800")]
    public void ToConfigurationKey_KeyThatNoClientWrites_IsStillMapped(string key, string expected) =>
        Assert.Equal(expected, new KeyMap(null).ToConfigurationKey(key));

    [Theory]
    [InlineData(null, ">")]
    [InlineData("", ">")]
    [InlineData("app.web", "app.web.>")]
    public void Filter_ByPrefix_CutsAtTokens(string? prefix, string expected) => Assert.Equal(expected, new KeyMap(prefix).Filter);

    [Fact]
    public void ToConfigurationKey_AnyText_NeverThrowsAndKeepsEverythingButDots()
    {
        var random = new Random(20260301);
        var map = new KeyMap("p.q");
        for (int i = 0; i < 20_000; i++)
        {
            string rest = new([.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(3) == 0 ? '.' : (char)random.Next(char.MaxValue + 1))]);
            string? mapped = map.ToConfigurationKey("p.q." + rest);
            Assert.Equal(rest.Replace('.', ':'), mapped);
            _ = map.ToConfigurationKey(rest);
        }
    }
}
