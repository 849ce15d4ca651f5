using System.Text;
using NatsKv.Configuration.Mapping;

namespace NatsKv.Configuration.Tests.Mapping;

public sealed class ValueCodecTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("true")]
    [InlineData("line\n")]
    [InlineData("\tnul\0 and ünï 🎉")]
    [InlineData("$ref(x)")]
    [InlineData("{\"a\":1}")]
    public void TryDecode_Text_IsTakenAsItIs(string text)
    {
        Assert.True(ValueCodec.TryDecode(Encoding.UTF8.GetBytes(text), out string decoded));
        Assert.Equal(text, decoded);
    }

    [Fact]
    public void TryDecode_ByteOrderMark_IsStrippedOnce()
    {
        Assert.True(ValueCodec.TryDecode([0xEF, 0xBB, 0xBF, 0xEF, 0xBB, 0xBF, (byte)'x'], out string decoded));
        Assert.Equal("\ufeffx", decoded);
    }

    [Fact]
    public void TryDecode_ByteOrderMarkAlone_IsEmptyText()
    {
        Assert.True(ValueCodec.TryDecode([0xEF, 0xBB, 0xBF], out string decoded));
        Assert.Equal("", decoded);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x00, 0x80 })]
    [InlineData(new byte[] { (byte)'a', 0xC3 })]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    public void TryDecode_NotUtf8_IsRefused(byte[] value) => Assert.False(ValueCodec.TryDecode(value, out _));
}
