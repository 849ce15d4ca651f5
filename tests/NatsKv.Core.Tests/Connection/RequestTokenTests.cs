using System.Text;
using NatsKv.Connection;

namespace NatsKv.Tests.Connection;

public sealed class RequestTokenTests
{
    [Theory]
    [InlineData(0, 0u, "0000000000000000")]
    [InlineData(1, 2u, "0000000100000002")]
    [InlineData(int.MaxValue, uint.MaxValue, "7fffffffffffffff")]
    [InlineData(0xabc, 0xdef0u, "00000abc0000def0")]
    public void FormatAndTryParse_AreInverse(int slot, uint generation, string text)
    {
        byte[] formatted = new byte[RequestToken.Length];
        new RequestToken(slot, generation).Format(formatted);

        Assert.Equal(text, Encoding.ASCII.GetString(formatted));
        Assert.True(RequestToken.TryParse(formatted, out RequestToken parsed));
        Assert.Equal(new RequestToken(slot, generation), parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("000000000000000")]
    [InlineData("00000000000000000")]
    [InlineData("000000000000000g")]
    [InlineData(" 00000000000000 ")]
    [InlineData("-000000000000001")]
    [InlineData("+000000000000001")]
    [InlineData("0x00000000000001")]
    public void TryParse_Garbage_IsNone(string text) => Assert.False(RequestToken.TryParse(Encoding.ASCII.GetBytes(text), out _));
}
