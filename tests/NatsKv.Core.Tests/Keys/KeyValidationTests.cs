using System.Text;
using NatsKv.Keys;

namespace NatsKv.Tests.Keys;

/// <summary>Which keys and filters each validation lets through.</summary>
public sealed class KeyValidationTests
{
    [Theory]
    [InlineData("a", true, true, true)]
    [InlineData("a.b-c_d/e=f", true, true, true)]
    [InlineData("session:user123", false, true, true)]
    [InlineData("käse.größe", false, true, true)]
    [InlineData("日本語.鍵", false, true, true)]
    [InlineData("smile.\U0001F600", false, true, true)]
    [InlineData("50%&!~$@{}[]|\\^`'\"#?;,+()<", false, true, true)]
    [InlineData("a*b", false, false, true)]
    [InlineData("a>", false, false, true)]
    [InlineData(">a.b", false, false, true)]
    [InlineData("a\u00A0b", false, false, true)]
    [InlineData("a\u2003b", false, false, true)]
    [InlineData("a..b", false, false, true)]
    [InlineData(".a", false, false, true)]
    [InlineData("a.", false, false, true)]
    [InlineData("", false, false, false)]
    [InlineData("*", false, false, false)]
    [InlineData(">", false, false, false)]
    [InlineData("a.*", false, false, false)]
    [InlineData("a.>", false, false, false)]
    [InlineData("a.*.b", false, false, false)]
    [InlineData("a b", false, false, false)]
    [InlineData("a\tb", false, false, false)]
    [InlineData("a\r\nPUB x 0\r\n", false, false, false)]
    [InlineData("a\nb", false, false, false)]
    [InlineData("a\0b", false, false, false)]
    [InlineData("a\u007Fb", false, false, false)]
    [InlineData("a\u0085b", false, false, false)]
    public void Key_Table_IsHeeded(string key, bool strict, bool relaxed, bool off) => Assert.Equal(
        (strict, relaxed, off),
        (IsKey(key, NatsKvKeyValidation.Strict), IsKey(key, NatsKvKeyValidation.Relaxed), IsKey(key, NatsKvKeyValidation.Off)));

    [Theory]
    [InlineData("*", true, true, true)]
    [InlineData(">", true, true, true)]
    [InlineData("a.*.b.>", true, true, true)]
    [InlineData("session:user123", false, true, true)]
    [InlineData("ü.*", false, true, true)]
    [InlineData("session:*", false, false, true)]
    [InlineData("a>", false, false, true)]
    [InlineData("a..>", false, false, true)]
    [InlineData(">.a", false, false, false)]
    [InlineData("a.>.b", false, false, false)]
    [InlineData("a .*", false, false, false)]
    [InlineData("", false, false, false)]
    public void Filter_Table_IsHeeded(string filter, bool strict, bool relaxed, bool off) => Assert.Equal(
        (strict, relaxed, off),
        (IsFilter(filter, NatsKvKeyValidation.Strict), IsFilter(filter, NatsKvKeyValidation.Relaxed), IsFilter(filter, NatsKvKeyValidation.Off)));

    // Attributes can't hold them: each is half a character, and the bytes of all of them would be the same.
    [Fact]
    public void Key_HalfASurrogatePair_IsRefusedAlways()
    {
        foreach (string key in (string[])["a\uD83D", "\uDE00b", "\uDE00\uD83D", "\uD83D.\uDE00", "\uD83D\uD83D\uDE00"])
        {
            Assert.All(Enum.GetValues<NatsKvKeyValidation>(), validation => Assert.False(IsKey(key, validation)));
            Assert.All(Enum.GetValues<NatsKvKeyValidation>(), validation => Assert.False(IsFilter(key, validation)));
        }
    }

    [Theory]
    [InlineData(NatsKvKeyValidation.Relaxed)]
    [InlineData(NatsKvKeyValidation.Off)]
    public void Key_Length_IsCountedInBytes(NatsKvKeyValidation validation)
    {
        Assert.True(IsKey(new string('鍵', KeyRules.MaxKeyLength / 3), validation));
        Assert.False(IsKey(new string('鍵', KeyRules.MaxKeyLength / 3) + "x", validation));
        Assert.True(IsFilter(new string('ü', KeyRules.MaxKeyLength / 2), validation));
        Assert.False(IsFilter(new string('ü', (KeyRules.MaxKeyLength / 2) + 1), validation));
    }

    [Fact]
    public void Validations_EachLetsThroughWhatTheStricterDoes()
    {
        const string Characters = "ab.*> \t\u00A0:ü鍵\uD83D\uDE00\0-";
        var random = new Random(42);
        for (int i = 0; i < 20_000; i++)
        {
            string text = new([.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => Characters[random.Next(Characters.Length)])]);
            bool[] keys = [.. Enum.GetValues<NatsKvKeyValidation>().Select(validation => IsKey(text, validation))];
            bool[] filters = [.. Enum.GetValues<NatsKvKeyValidation>().Select(validation => IsFilter(text, validation))];
            Assert.True((!keys[0] || keys[1]) && (!keys[1] || keys[2]), $"Key '{text}'");
            Assert.True((!filters[0] || filters[1]) && (!filters[1] || filters[2]), $"Filter '{text}'");
            Assert.True(keys.Zip(filters).All(static pair => !pair.First || pair.Second), $"A key is a filter: '{text}'");

            // Whatever passes is one word of the protocol line, and comes back as it was.
            bool passes = filters[2];
            Assert.True(!passes || (!text.AsSpan().ContainsAny(" \t\r\n\0") && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text), $"'{text}'");
        }
    }

    [Fact]
    public void Refusal_SaysWhatTheValidationAsksFor()
    {
        Assert.Contains("letters, digits", Refused("a:b", NatsKvKeyValidation.Strict), StringComparison.Ordinal);
        Assert.Contains("anything but whitespace", Refused("a b", NatsKvKeyValidation.Relaxed), StringComparison.Ordinal);
        Assert.Contains("anything but spaces", Refused("a b", NatsKvKeyValidation.Off), StringComparison.Ordinal);
        Assert.DoesNotContain('\r', Refused("a\r\nb", NatsKvKeyValidation.Off));

        static string Refused(string key, NatsKvKeyValidation validation) => Assert.Throws<ArgumentException>(() => KeyRules.ThrowIfNotKey(key, validation)).Message;
    }

    private static bool IsKey(string key, NatsKvKeyValidation validation) => Passes(() => KeyRules.ThrowIfNotKey(key, validation));

    private static bool IsFilter(string filter, NatsKvKeyValidation validation) => Passes(() => KeyRules.ThrowIfNotFilter(filter, validation));

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
