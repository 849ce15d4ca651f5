using NatsKv.Keys;

namespace NatsKv.Tests.Keys;

public sealed class KeyRulesTests
{
    // Legal and illegal characters, and those that rules are about more often than others.
    private const string Alphabet = "aZ09-_/=......***>>> :~\t\r\n\0\u00e9$";

    [Theory]
    [InlineData("a", true)]
    [InlineData("A-b_c/d=e.9", true)]
    [InlineData("=/-_", true)]
    [InlineData("a.b.c", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData(".a", false)]
    [InlineData("a.", false)]
    [InlineData("a..b", false)]
    [InlineData("a b", false)]
    [InlineData("a*", false)]
    [InlineData("*", false)]
    [InlineData(">", false)]
    [InlineData("a:b", false)]
    [InlineData("a\r\nPUB x 0", false)]
    [InlineData("a\tb", false)]
    [InlineData("a\0", false)]
    [InlineData("\u00e4", false)]
    [InlineData("\uff21", false)] // A full-width A.
    [InlineData("$KV", false)]
    public void ThrowIfNotKey_Table_IsHeeded(string key, bool isLegal) => Assert.Equal(isLegal, Passes(() => KeyRules.ThrowIfNotKey(key)));

    [Theory]
    [InlineData(">", true)]
    [InlineData("*", true)]
    [InlineData("a.*.b", true)]
    [InlineData("a.>", true)]
    [InlineData("*.>", true)]
    [InlineData("a.b", true)]
    [InlineData("*.*", true)]
    [InlineData(">.a", false)]
    [InlineData("a>", false)]
    [InlineData("a*", false)]
    [InlineData("*a.b", false)]
    [InlineData("a.>.>", false)]
    [InlineData("a.**", false)]
    [InlineData("a..>", false)]
    [InlineData(".>", false)]
    [InlineData("", false)]
    [InlineData("> ", false)]
    public void ThrowIfNotFilter_Table_IsHeeded(string filter, bool isLegal) => Assert.Equal(isLegal, Passes(() => KeyRules.ThrowIfNotFilter(filter)));

    [Theory]
    [InlineData("b", true)]
    [InlineData("My_bucket-1", true)]
    [InlineData("", false)]
    [InlineData("a.b", false)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    [InlineData("a*", false)]
    [InlineData("a\r\n", false)]
    [InlineData("\u00e4", false)]
    public void ThrowIfNotBucket_Table_IsHeeded(string bucket, bool isLegal) => Assert.Equal(isLegal, Passes(() => KeyRules.ThrowIfNotBucket(bucket)));

    [Fact]
    public void Lengths_AtTheLimit_PassAndBeyondDoNot()
    {
        Assert.True(Passes(() => KeyRules.ThrowIfNotBucket(new string('b', KeyRules.MaxBucketLength))));
        Assert.False(Passes(() => KeyRules.ThrowIfNotBucket(new string('b', KeyRules.MaxBucketLength + 1))));
        Assert.True(Passes(() => KeyRules.ThrowIfNotKey(new string('k', KeyRules.MaxKeyLength))));
        Assert.False(Passes(() => KeyRules.ThrowIfNotKey(new string('k', KeyRules.MaxKeyLength + 1))));
    }

    [Fact]
    public void Null_IsNamedAfterTheCallersParameter()
    {
        Assert.Equal("name", Assert.Throws<ArgumentNullException>(() => KeyRules.ThrowIfNotBucket(null!, "name")).ParamName);
        Assert.Equal("k", Assert.Throws<ArgumentNullException>(() => KeyRules.ThrowIfNotKey(null!, parameter: "k")).ParamName);
        Assert.Equal("f", Assert.Throws<ArgumentNullException>(() => KeyRules.ThrowIfNotFilter(null!, parameter: "f")).ParamName);
    }

    [Fact]
    public void Message_LongNameWithControlCharacters_IsShortAndPrintable()
    {
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => KeyRules.ThrowIfNotKey("a\r\nb" + new string('x', 10_000)));

        Assert.DoesNotContain(thrown.Message, char.IsControl);
        Assert.True(thrown.Message.Length < 400, thrown.Message);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    public void ThrowIfNotKeyAndFilter_AnyText_AgreeWithTheSlowRules(int seed)
    {
        var random = new Random(seed);
        for (int run = 0; run < 20_000; run++)
        {
            string text = new(random.GetItems<char>(random.Next(2) == 0 ? Alphabet : "ab.*>", random.Next(0, 8)));

            Assert.True(IsKey(text) == Passes(() => KeyRules.ThrowIfNotKey(text)), $"Key '{text}', seed {seed}");
            Assert.True(IsFilter(text) == Passes(() => KeyRules.ThrowIfNotFilter(text)), $"Filter '{text}', seed {seed}");
        }
    }

    // ADR-6 and ADR-8, spelled out.
    private static bool IsKey(string text) => text.Length > 0 && text.Split('.').All(IsWord);

    private static bool IsFilter(string text)
    {
        string[] tokens = text.Split('.');
        return text.Length > 0 && tokens.Select((token, i) => IsWord(token) || token == "*" || (token == ">" && i == tokens.Length - 1)).All(static legal => legal);
    }

    private static bool IsWord(string token) =>
        token.Length > 0 && token.All(static c => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '-' or '_' or '/' or '=');

    private static bool Passes(Action check)
    {
        try
        {
            check();
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
