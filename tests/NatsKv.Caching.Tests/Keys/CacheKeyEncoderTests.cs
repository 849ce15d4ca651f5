using System.Text;
using System.Text.RegularExpressions;
using NatsKv.Caching.Keys;

namespace NatsKv.Caching.Tests.Keys;

public sealed partial class CacheKeyEncoderTests
{
    private static readonly CacheKeyEncoder Plain = new(null);

    public static TheoryData<string> OddKeys =>
    [
        "", " ", ".", "..", ":", "::", "a..b", ".a", "a.", "a:", ":a", "a::b", " a ", "a\r\nb", "\0", "*", ">", "$", "=", "=_", "=h.x", "=2E",
        "__MSFT_HCT__*", "v2:__fc:t:!", "v2:key", "\ud800", "a\udc00b", "😀", "日本語", new string('k', 200), new string('k', 201),
        new string('.', 67), new string('日', 1024), new string('x', 5000), "_kv_x", "user:42:cart", "A", "a", "a/b", "/", "\u00e9", "e\u0301",
    ];

    [Theory]
    [InlineData("user:42:cart", "user.42.cart")]
    [InlineData("simple-Key_1/x", "simple-Key_1/x")]
    [InlineData("", "=_")]
    [InlineData(":", "=_.=_")]
    [InlineData("..", "=2E=2E")]
    [InlineData("a::b", "a.=_.b")]
    [InlineData("__MSFT_HCT__*", "__MSFT_HCT__=2A")]
    [InlineData(" a ", "=20a=20")]
    [InlineData("a=b", "a=3Db")]
    [InlineData("é", "=C3=A9")]
    public void Encode_Key_IsTheDocumentedText(string key, string expected) => Assert.Equal(expected, Plain.Encode(key).Bucket);

    [Fact]
    public void Encode_LoneSurrogate_IsADigestOfItsUtf16() =>
        Assert.Equal("=h.IFAi40KLfIJ2zyR7NuTlEttWUeXLNHLCU9nuiTqKx1A", Plain.Encode("\ud800").Bucket);

    [Theory]
    [MemberData(nameof(OddKeys))]
    public void Encode_OddKey_IsLegalBoundedAndReversible(string key) => AssertRoundTrip(key);

    [Fact]
    public void Encode_RandomKeys_AreLegalBoundedReversibleAndDistinct()
    {
        var random = new Random(20261120);
        string alphabet = "ab.:=_-/ *>\0\r\né日\ud83d\ude00\udc00%h2E";
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < 20_000; i++)
        {
            int length = i % 10 == 0 ? random.Next(60, 260) : random.Next(0, 6);
            string key = string.Create(length, (random, alphabet), static (span, state) =>
            {
                for (int j = 0; j < span.Length; j++)
                {
                    span[j] = state.random.Next(20) == 0 ? (char)state.random.Next(char.MaxValue + 1) : state.alphabet[state.random.Next(state.alphabet.Length)];
                }
            });
            string encoded = AssertRoundTrip(key);
            Assert.True(seen.TryAdd(encoded, key) || seen[encoded] == key, $"Two keys became {encoded}.");
        }
    }

    [Fact]
    public void Encode_InstanceNames_NeverShareAKey()
    {
        // Joined without care, each of these pairs would meet: a + b.c and a.b + c, an instance and a plain key, an instance named like a digest.
        (string? Instance, string Key)[] pairs = [("a", "b:c"), (null, "a:b:c"), ("a-b", "c"), ("h", "x"), (null, "h:x"), (null, "a=:b:c"), ("a", "b"), (null, "a:b")];

        string[] encoded = [.. pairs.Select(pair => new CacheKeyEncoder(pair.Instance).Encode(pair.Key).Bucket)];

        Assert.Equal(encoded.Length, encoded.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal("a=.b.c", encoded[0]);
        Assert.All(encoded, key => Assert.Matches(LegalKey(), key));
    }

    [Fact]
    public void Encode_LongKey_CarriesTheOriginal()
    {
        string key = new('日', 1024);

        CacheKey encoded = Plain.Encode(key);

        Assert.True(encoded.IsDigest);
        Assert.Equal(46, encoded.Bucket.Length);
        Assert.Equal(Convert.ToBase64String(Encoding.Unicode.GetBytes(key)), encoded.Original);
    }

    [Fact]
    public void Encode_KeyTooLongForAHeader_CarriesOnlyTheDigest()
    {
        CacheKey encoded = Plain.Encode(new string('k', CacheKeyEncoder.MaxOriginalLength + 1));

        Assert.True(encoded.IsDigest);
        Assert.Null(encoded.Original);
    }

    private static string AssertRoundTrip(string key)
    {
        CacheKey encoded = Plain.Encode(key);
        Assert.Matches(LegalKey(), encoded.Bucket);
        Assert.InRange(encoded.Bucket.Length, 1, CacheKeyEncoder.MaxReadableLength);
        if (!encoded.IsDigest || encoded.Original is not null)
        {
            Assert.Equal(key, ReferenceKeyDecoder.Decode(encoded.Bucket, encoded.Original));
        }

        return encoded.Bucket;
    }

    // ADR-8, with the rule against empty tokens.
    [GeneratedRegex(@"\A[-/_=a-zA-Z0-9]+(\.[-/_=a-zA-Z0-9]+)*\z")]
    private static partial Regex LegalKey();
}
