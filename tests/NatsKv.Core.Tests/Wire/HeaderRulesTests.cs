using NatsKv.Wire;

namespace NatsKv.Tests.Wire;

public sealed class HeaderRulesTests
{
    [Theory]
    [InlineData("App-Version", "3")]
    [InlineData("x", "")]
    [InlineData("NatsLike", "Nats-TTL: 1")]
    [InlineData("KV-Operations", "tab\tand colon: fine")]
    [InlineData("!#$%&'*+-.^_`|~", "\u00fcmlaut \u20ac \ud83d\ude00")]
    public void ThrowIfNotUserHeader_Legal_Passes(string name, string value) => HeaderRules.ThrowIfNotUserHeader(name, value);

    [Theory]
    [InlineData("A\r\nNats-TTL", "1s")]
    [InlineData("A: b\r\nNats-Rollup", "all")]
    [InlineData("A\n", "x")]
    [InlineData("A\r", "x")]
    [InlineData("A\0", "x")]
    [InlineData("A:", "x")]
    [InlineData("A B", "x")]
    [InlineData(" A", "x")]
    [InlineData("A\t", "x")]
    [InlineData("\u00c4", "x")]
    [InlineData("A\u2028", "x")]
    [InlineData("Nats-TTL", "1s")]
    [InlineData("nats-rollup", "sub")]
    [InlineData("NATS-EXPECTED-LAST-SEQUENCE", "1")]
    [InlineData("Nats-", "x")]
    [InlineData("KV-Operation", "DEL")]
    [InlineData("kv-operation", "PURGE")]
    [InlineData("A", "x\r\nNats-TTL: 1s")]
    [InlineData("A", "x\nKV-Operation: DEL")]
    [InlineData("A", "x\rPUB a 0")]
    [InlineData("A", "x\0")]
    [InlineData("A", "\r\n\r\npayload")]
    public void ThrowIfNotUserHeader_Injection_IsRefusedWithAPrintableMessage(string name, string value)
    {
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => HeaderRules.ThrowIfNotUserHeader(name, value));

        Assert.DoesNotContain(thrown.Message, char.IsControl);
    }

    [Fact]
    public void ThrowIfNotUserHeader_EmptyOrNull_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => HeaderRules.ThrowIfNotUserHeader("", "x"));
        Assert.Throws<ArgumentNullException>(() => HeaderRules.ThrowIfNotUserHeader(null!, "x"));
        Assert.Throws<ArgumentNullException>(() => HeaderRules.ThrowIfNotUserHeader("A", null!));
    }
}
