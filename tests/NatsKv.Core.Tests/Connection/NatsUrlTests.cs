using NatsKv.Connection;

namespace NatsKv.Tests.Connection;

public sealed class NatsUrlTests
{
    public static TheoryData<string, string, int, bool, string?, string?, string?> LegalUrls => new()
    {
        // Text; host, port, TLS, user, password, token.
        { "localhost", "localhost", 4222, false, null, null, null },
        { "localhost:5000", "localhost", 5000, false, null, null, null },
        { "nats://host", "host", 4222, false, null, null, null },
        { "NATS://Host:5000/", "host", 5000, false, null, null, null },
        { "tls://host:5000", "host", 5000, true, null, null, null },
        { "  nats://host  ", "host", 4222, false, null, null, null },
        { "nats://127.0.0.1:1", "127.0.0.1", 1, false, null, null, null },
        { "nats://[::1]:5000", "::1", 5000, false, null, null, null },
        { "[2001:db8::1]", "2001:db8::1", 4222, false, null, null, null },
        { "nats://user:pass@host", "host", 4222, false, "user", "pass", null },
        { "user:pass@host:5000", "host", 5000, false, "user", "pass", null },
        { "nats://user:@host", "host", 4222, false, "user", "", null },
        { "nats://token@host", "host", 4222, false, null, null, "token" },
        { "nats://p%40ss%3A%2F%2C:%20%25@[::1]:1", "::1", 1, false, "p@ss:/,", " %", null },
        { "nats://us+er:a:b@host", "host", 4222, false, "us+er", "a:b", null },
        { "tls://to%40ken@host", "host", 4222, true, null, null, "to@ken" },
    };

    [Theory]
    [MemberData(nameof(LegalUrls))]
    public void ParseList_OneUrl_HasItsParts(string text, string host, int port, bool tls, string? user, string? password, string? token) =>
        Assert.Equal(new NatsUrl(host, port, tls, user, password, token), Assert.Single(NatsUrl.ParseList(text)));

    [Fact]
    public void ParseList_SeveralUrls_AreInOrderWithoutEmptyOnes()
    {
        IReadOnlyList<NatsUrl> servers = NatsUrl.ParseList(" nats://a , ,tls://u:p@b:1,[::1]:2,");

        Assert.Equal("nats://a:4222 tls://b:1 nats://[::1]:2", string.Join(' ', servers));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" , ")]
    [InlineData("http://host")]
    [InlineData("nats://")]
    [InlineData("nats://host:port")]
    [InlineData("nats://host:99999")]
    [InlineData("nats://host:-1")]
    [InlineData("nats://host/path")]
    [InlineData("nats://host?tls=true")]
    [InlineData("nats://host#fragment")]
    [InlineData("nats://to#ken@host")]
    [InlineData("nats://to?ken@host")]
    [InlineData("::1")]
    [InlineData("nats://a b")]
    [InlineData("nats://a,http://b")]
    public void ParseList_NoNatsUrl_IsRefusedWithAnExample(string text) => Assert.Contains(
        NatsKvConnectionSettings.DefaultUrl, Assert.Throws<ArgumentException>(() => NatsUrl.ParseList(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(null, "nats://localhost:4222")]
    [InlineData("", "")]
    [InlineData("host", "host")]
    [InlineData("nats://host:1", "nats://host:1")]
    [InlineData("nats://user:s3cret@host:1", "nats://host:1")]
    [InlineData("user:s3cret@host:1", "host:1")]
    [InlineData("s3cret@host", "host")]
    [InlineData("nats://a,nats://user:s3cret@b,tls://s3cret@c", "nats://a,nats://b,tls://c")]
    [InlineData("nats://user:s3c@ret@host", "nats://host")]
    [InlineData("nats://user:s3c/ret@host", "nats://host")]
    [InlineData("nats://user:s3c,ret@host", "nats://host")] // Commas separate servers, and stand in passwords.
    [InlineData("nats://user:s3c,r,et@host,nats://b", "nats://host,nats://b")]
    [InlineData("user:s3c,ret@host", "host")]
    public void Redact_AnyText_KeepsNoCredentials(string? text, string expected) => Assert.Equal(expected, NatsUrl.Redact(text));

    [Theory]
    [InlineData("nats://user:s3cret@ho st")]
    [InlineData("nats://user:s3cret,part2@host")]
    [InlineData("nats://user:part2,s3cret@ho st")]
    [InlineData("user:s3cret,part2@host")]
    [InlineData("http://user:s3cret@host")]
    [InlineData("nats://user:s3cret/x@host")]
    [InlineData("nats://user:s3cret#x@host")]
    [InlineData("nats://user:s3cret?x@host")]
    [InlineData("nats://s3cret#x@host")]
    public void ParseList_NoNatsUrl_TellsNoSecret(string text)
    {
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => NatsUrl.ParseList(text));

        Assert.DoesNotContain("s3cret", thrown.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("part2", thrown.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", new NatsKvOptions { Url = text }.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_WithCredentials_HasNone() =>
        Assert.Equal("tls://[::1]:5", NatsUrl.ParseList("tls://user:s3cret@[::1]:5")[0].ToString());
}
