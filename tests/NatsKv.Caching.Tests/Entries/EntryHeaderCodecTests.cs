using System.Text;
using NatsKv.Caching.Entries;
using NatsKv.Caching.Expiry;

namespace NatsKv.Caching.Tests.Entries;

public sealed class EntryHeaderCodecTests
{
    /// <summary>What release 0.1 writes. Later releases add lines, and never change one: entries outlive deployments.</summary>
    public static TheoryData<long, long, long, long, ulong, string> Golden => new()
    {
        { 0, 0, 0, 0, 0, "1" },
        { 60000, 0, 0, 0, 0, "1;x=60000" },
        { 0, 1200000, 120000, 0, 0, "1;s=1200000;q=120000" },
        { 0, 5000, 0, 0, 42, "1;s=5000;g=42" },
        { 3600000, 1200000, 120000, 1790000000123, 42, "1;x=3600000;s=1200000;q=120000;t=1790000000123;g=42" },
        { 922337203685476, 922337203685475, 1, 253402300799999, ulong.MaxValue, "1;x=922337203685476;s=922337203685475;q=1;t=253402300799999;g=18446744073709551615" },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void Format_Header_IsTheGoldenText(long absolute, long sliding, long slack, long origin, ulong generation, string text) =>
        Assert.Equal(text, EntryHeaderCodec.Format(new EntryHeader(new EntryExpiry(absolute, sliding, slack, origin), generation)));

    [Theory]
    [MemberData(nameof(Golden))]
    public void TryParse_GoldenText_IsTheHeader(long absolute, long sliding, long slack, long origin, ulong generation, string text)
    {
        Assert.True(EntryHeaderCodec.TryParse(Encoding.ASCII.GetBytes(text), out EntryHeader header));
        Assert.Equal(new EntryHeader(new EntryExpiry(absolute, sliding, slack, origin), generation), header);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2")]
    [InlineData("2;x=1")]
    [InlineData("11")]
    [InlineData("10;x=1")]
    [InlineData(" 1")]
    [InlineData("x=60000")]
    [InlineData("1;x=-1")]
    [InlineData("1;x=abc")]
    [InlineData("1;x=1.5")]
    [InlineData("1;s=922337203685477581")]
    [InlineData("1;x=99999999999999999999999")]
    [InlineData("1;t=253402300800000")]
    public void TryParse_OtherVersionOrBrokenText_IsNotForUs(string text) =>
        Assert.False(EntryHeaderCodec.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData("1;x=60000;b=7;new=a=b", ";b=7;new=a=b")]
    [InlineData("1;x=60000;", ";")]
    public void TryParse_UnknownFields_AreKept(string text, string extra)
    {
        Assert.True(EntryHeaderCodec.TryParse(Encoding.ASCII.GetBytes(text), out EntryHeader header));
        Assert.Equal(extra, header.Extra);
        Assert.Equal(60000, header.Expiry.Absolute);
        Assert.Equal(text, EntryHeaderCodec.Format(header));
    }

    [Fact]
    public void TryParse_RandomBytes_NeverThrows()
    {
        var random = new Random(7);
        byte[] alphabet = Encoding.ASCII.GetBytes("1;xsqtg=0123456789-.\u007f");
        for (int i = 0; i < 50_000; i++)
        {
            byte[] text = new byte[random.Next(24)];
            for (int j = 0; j < text.Length; j++)
            {
                text[j] = alphabet[random.Next(alphabet.Length)];
            }

            if (EntryHeaderCodec.TryParse(text, out EntryHeader header))
            {
                ExpiryPolicy.IsLive(header.Expiry, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue);
            }
        }
    }
}
