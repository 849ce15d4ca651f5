using NatsKv.Keys;
using NatsKv.Watching;

namespace NatsKv.Tests.Watching;

public sealed class KeyCensusTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AnyChanges_KnowsWhatADictionaryKnows(bool keepsRemoved)
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var census = new KeyCensus();
            census.Clear(keepsRemoved);
            var model = new Dictionary<string, bool>(StringComparer.Ordinal);
            int keys = 1 << random.Next(10);
            for (ulong sequence = 1; sequence < 2000; sequence++)
            {
                string key = $"key.{random.Next(keys)}";
                bool isLive = random.Next(2) == 0;
                census.Note(KeyHash.Of(key), isLive, sequence);
                if (isLive || keepsRemoved)
                {
                    model[key] = isLive;
                }
                else
                {
                    model.Remove(key);
                }

                // Not after each note: they are entered in batches.
                if (random.Next(50) == 0)
                {
                    Assert.Equal((model.Count, model.Values.Count(static lives => lives)), (census.Count, census.Live));
                }
            }

            Assert.All(Enumerable.Range(0, keys), i => Assert.Equal(model.GetValueOrDefault($"key.{i}"), census.IsLive(KeyHash.Of($"key.{i}"))));
            AssertLooks(census, model, random);
        }
    }

    [Fact]
    public void AddedAfter_CountsNewKeysOnlyAndSaysWhenThereWereTooMany()
    {
        var census = new KeyCensus();
        census.Clear(keepsRemoved: true);
        for (ulong sequence = 1; sequence <= 100; sequence++)
        {
            census.Note(KeyHash.Of($"key.{sequence}"), isLive: true, sequence);
        }

        census.Note(KeyHash.Of("key.1"), isLive: false, 101);

        Assert.Equal(0, census.AddedAfter(100));
        Assert.Equal(10, census.AddedAfter(90));
        Assert.Equal(63, census.AddedAfter(37));
        Assert.Null(census.AddedAfter(36));
        Assert.Null(census.AddedAfter(0));
    }

    [Fact]
    public void AddedAfter_FewKeys_CountsAll()
    {
        var census = new KeyCensus();
        census.Clear(keepsRemoved: true);
        census.Note(KeyHash.Of("a"), isLive: true, 5);

        Assert.Equal(1, census.AddedAfter(0));
    }

    [Fact]
    public void MillionKeys_TakeFewBytesEach()
    {
        var census = new KeyCensus();
        for (int i = 0; i < 1_000_000; i++)
        {
            census.Note(KeyHash.Of($"some.longer.key.{i}"), isLive: true, (ulong)i);
        }

        Assert.Equal(1_000_000, census.Live);
        Assert.InRange(census.Size, 8_000_000, 24_000_000);
    }

    [Fact]
    public void SimilarKeys_HaveDifferentHashes()
    {
        string[] keys = [.. Enumerable.Range(0, 100_000).SelectMany(static i => new[] { $"{i}", $"a.{i}", $"{i}.a", $"key.{i}.with.a.long.end" })];

        Assert.Equal(keys.Length, keys.Select(static key => KeyHash.Of(key)).Distinct().Count());
    }

    // The server names some of what is known, and something unknown.
    private static void AssertLooks(KeyCensus census, Dictionary<string, bool> model, Random random)
    {
        HashSet<string> named = [.. model.Keys.Where(_ => random.Next(2) == 0)];
        census.BeginLook();
        Assert.Equal(ulong.MaxValue, census.OldestStranger);
        census.Named(KeyHash.Of("unknown"), isLive: false, 1);
        foreach (string key in named)
        {
            census.Named(KeyHash.Of(key), model[key], 2);
        }

        Assert.Equal(ulong.MaxValue, census.OldestStranger);
        census.Named(KeyHash.Of("unknown"), isLive: true, 7);
        census.Named(KeyHash.Of("another"), isLive: true, 6);
        Assert.Equal(6UL, census.OldestStranger);
        Assert.Equal(model.Count(pair => pair.Value && !named.Contains(pair.Key)), census.LiveUnnamed().Count);
        census.ForgetRemovedUnnamed();
        Assert.Equal(model.Count(pair => pair.Value || named.Contains(pair.Key)), census.Count);
        Assert.All(model, pair => Assert.Equal(pair.Value, census.IsLive(KeyHash.Of(pair.Key))));
        census.BeginLook();
        Assert.Equal(census.Live, census.LiveUnnamed().Count);
    }
}
