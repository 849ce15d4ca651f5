using NatsKv.Keys;

namespace NatsKv.Tests.Keys;

public sealed class KeyFilterTests
{
    [Theory]
    [InlineData("a,b.c", "a", true)]
    [InlineData("a,b.c", "b", false)]
    [InlineData("a,b.c", "b.c", true)]
    [InlineData("a,b.c", "b.c.d", false)]
    [InlineData("a.*", "a", false)]
    [InlineData("a.*,a.b.c", "a.b", true)]
    [InlineData("a.*,a.b.c", "a.b.c", true)]
    [InlineData("a.*,a.b.c", "a.c.c", false)]
    [InlineData("a.>", "a", false)]
    [InlineData("a.>", "a.b.c", true)]
    [InlineData("*.x,a.y", "a.x", true)] // 'a' leads nowhere here, '*' does.
    [InlineData(">", "a", true)]
    public void Matches_Table_IsHeeded(string filters, string key, bool matches) => Assert.Equal(matches, new KeyFilter(filters.Split(',')).Matches(key));

    [Theory]
    [InlineData(45)]
    [InlineData(46)]
    public void Matches_AnyFiltersAndKeys_AgreesWithTheObviousWay(int seed)
    {
        var random = new Random(seed);
        for (int run = 0; run < 500; run++)
        {
            string[] filters = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Matching.RandomFilter(random))];
            var filter = new KeyFilter(filters);

            Assert.All(Matching.AllKeys, key => Assert.True(
                filters.Any(one => Matching.Matches(one, key)) == filter.Matches(key), $"[{string.Join(", ", filters)}], '{key}', seed {seed}"));
        }
    }

    [Fact]
    public void Matches_LongestFilter_HasTheStackForIt()
    {
        string key = string.Join('.', Enumerable.Repeat('a', 1536));
        var filter = new KeyFilter([key, string.Join('.', Enumerable.Repeat('*', 1535)) + ".b"]);

        Assert.True(filter.Matches(key));
        Assert.False(filter.Matches(key + "a"));
    }
}
