using System.Diagnostics;
using NatsKv.Keys;

namespace NatsKv.Tests.Keys;

public sealed class FilterSetTests
{
    [Theory]
    [InlineData(">", "a", true)]
    [InlineData(">", ">", true)]
    [InlineData("*", "a", true)]
    [InlineData("*", "*", true)]
    [InlineData("*", "a.b", false)]
    [InlineData("*", ">", false)]
    [InlineData("a.>", "a", false)]
    [InlineData("a.>", "a.b.c", true)]
    [InlineData("a.>", "a.*", true)]
    [InlineData("*.>", "a.>", true)]
    [InlineData("*.>", ">", false)]
    [InlineData("a.*", "a.>", false)]
    [InlineData("a.*.c", "a.b.c", true)]
    [InlineData("a.*.c", "a.*.*", false)]
    [InlineData("a", "*", false)]
    public void Covers_Table_IsHeeded(string wide, string narrow, bool covers) => Assert.Equal(covers, Covers(wide, narrow));

    [Theory]
    [InlineData(41)]
    [InlineData(42)]
    public void Covers_AnyTwoFilters_AgreesWithMatchingEveryKey(int seed)
    {
        var random = new Random(seed);
        for (int run = 0; run < 1500; run++)
        {
            string wide = Matching.RandomFilter(random);
            string narrow = Matching.RandomFilter(random);

            bool covers = Array.TrueForAll(Matching.AllKeys, key => !Matching.Matches(narrow, key) || Matching.Matches(wide, key));

            Assert.True(covers == Covers(wide, narrow), $"'{wide}' over '{narrow}', seed {seed}");
        }
    }

    [Theory]
    [InlineData("a,b", "a,b")]
    [InlineData("a,a", "a")]
    [InlineData("a,>", ">")]
    [InlineData("a.b,a.*,a.>,b", "a.>,b")]
    [InlineData("a.*,*.b", "a.*,*.b")] // Overlap without covering.
    public void Normalize_Table_IsHeeded(string filters, string expected) =>
        Assert.Equal(expected.Split(','), FilterSet.Normalize(filters.Split(',')));

    [Theory]
    [InlineData(43)]
    public void Normalize_AnyFilters_MatchTheSameKeysAndNoneCoversAnother(int seed)
    {
        var random = new Random(seed);
        for (int run = 0; run < 500; run++)
        {
            string[] filters = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Matching.RandomFilter(random))];

            string[] normal = FilterSet.Normalize(filters);

            Assert.All(Matching.AllKeys, key => Assert.Equal(filters.Any(filter => Matching.Matches(filter, key)), normal.Any(filter => Matching.Matches(filter, key))));
            Assert.DoesNotContain(normal, one => normal.Any(other => other != one && Covers(other, one)));
            Assert.Equal(normal.Length, normal.Distinct(StringComparer.Ordinal).Count());
        }
    }

    [Fact]
    public void Normalize_NoneOrNullOrIllegal_IsRefused()
    {
        Assert.Throws<ArgumentNullException>(() => FilterSet.Normalize(null!));
        Assert.Contains("no filters", Assert.Throws<ArgumentException>(() => FilterSet.Normalize([])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => FilterSet.Normalize(["a", null!]));
        Assert.Throws<ArgumentException>(() => FilterSet.Normalize(["a", "b>"]));
    }

    [Theory]
    [InlineData("a", ">")]
    [InlineData("a.b,a.c", "a.>")]
    [InlineData("a.b,a.b.c", "a.>")]
    [InlineData("a.b.>,a.b.c.*", "a.b.>")]
    [InlineData("a.*.x,a.*.y", "a.>")]
    [InlineData("a,b", ">")]
    [InlineData("aa.x,ab.x", ">")]
    public void Around_Table_IsHeeded(string filters, string expected) => Assert.Equal(expected, FilterSet.Around(filters.Split(',')));

    [Theory]
    [InlineData(44)]
    public void Around_AnyFilters_MatchesWhatTheyMatch(int seed)
    {
        var random = new Random(seed);
        for (int run = 0; run < 500; run++)
        {
            string[] filters = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Matching.RandomFilter(random))];

            string around = FilterSet.Around(filters);

            KeyRules.ThrowIfNotFilter(around);
            Assert.All(Matching.AllKeys, key => Assert.True(Matching.Matches(around, key) || !filters.Any(filter => Matching.Matches(filter, key)), $"'{around}', '{key}', seed {seed}"));
        }
    }

    [Fact]
    public void Normalize_ManyFilters_TakesNoLongTime()
    {
        string[] filters = [.. Enumerable.Range(0, 20_000).Select(static i => $"app.{i}.name"), .. Enumerable.Range(0, 1000).Select(static i => $"app.{i}.*")];
        long start = Stopwatch.GetTimestamp();

        string[] normal = FilterSet.Normalize(filters);

        // Each compared with each other would take half a minute.
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(3));
        Assert.Equal(20_000, normal.Length);
    }

    private static bool Covers(string wide, string narrow) => wide == narrow || new KeyFilter([wide, narrow]).IsCoveredByAnother(narrow);
}
