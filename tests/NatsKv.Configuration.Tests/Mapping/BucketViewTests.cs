using NatsKv.Configuration.Mapping;

namespace NatsKv.Configuration.Tests.Mapping;

public sealed class BucketViewTests
{
    private readonly BucketView _view = new(new KeyMap(null));
    private FlatData _data = FlatData.Empty;

    [Fact]
    public void Put_NewKey_IsShown()
    {
        Assert.Equal(ApplyResult.Changed, _view.Put("a.b", "1", 1));
        Assert.Equal("1", Publish()["A:B"]);
    }

    [Fact]
    public void Put_EmptyValue_IsPresentAndEmpty()
    {
        _view.Put("a", "", 1);
        Assert.Equal("", Publish()["a"]);
    }

    [Fact]
    public void Put_SameValueAgain_IsUnchanged()
    {
        _view.Put("a", "1", 1);
        Publish();
        Assert.Equal(ApplyResult.Unchanged, _view.Put("a", "1", 2));
        Assert.Empty(_view.TakeChanges().Items);
    }

    [Fact]
    public void Apply_OlderRevision_IsIgnored()
    {
        _view.Put("a", "new", 5);
        Assert.Equal(ApplyResult.Unchanged, _view.Put("a", "old", 4));
        Assert.Equal(ApplyResult.Unchanged, _view.Delete("a", 5));
        Assert.Equal("new", Publish()["a"]);
    }

    [Theory]
    [InlineData(NatsKvOperation.Delete)]
    [InlineData(NatsKvOperation.Purge)]
    public void Apply_Removal_RemovesTheKey(NatsKvOperation operation)
    {
        _view.Put("a", "1", 1);
        Publish();
        Assert.Equal(ApplyResult.Changed, _view.Delete("a", 2, operation));
        Assert.Empty(Publish());
    }

    [Fact]
    public void Delete_UnknownKey_IsUnchanged() => Assert.Equal(ApplyResult.Unchanged, _view.Delete("a", 2));

    [Fact]
    public void Put_KeysThatDifferInCase_NewestIsShown()
    {
        _view.Put("Feature.X", "first", 1);
        _view.Put("feature.x", "second", 2);
        _view.Put("FEATURE:X", "third", 3);
        Assert.Equal(2, _view.Hidden);
        Assert.Equal("third", Publish()["feature:x"]);
    }

    [Fact]
    public void Put_HiddenKeyGetsNewerRevision_IsShownAgain()
    {
        _view.Put("a.B", "1", 1);
        _view.Put("A.b", "2", 2);
        _view.Put("a.B", "3", 3);
        Assert.Equal("3", Publish()["a:b"]);
    }

    [Fact]
    public void Delete_ShownKey_BringsBackWhatItHid()
    {
        _view.Put("a", "1", 1);
        _view.Put("A", "2", 2);
        Assert.Equal("2", Publish()["a"]);
        Assert.Equal(ApplyResult.Changed, _view.Delete("A", 3));
        Assert.Equal("1", Publish()["a"]);
        _view.Delete("a", 4);
        Assert.Empty(Publish());
    }

    [Fact]
    public void Delete_HiddenKey_IsUnchanged()
    {
        _view.Put("a", "1", 1);
        _view.Put("A", "2", 2);
        Assert.Equal(ApplyResult.Unchanged, _view.Delete("a", 3));
        Assert.Equal("2", Publish()["a"]);
        Assert.Equal(0, _view.Hidden);
    }

    [Fact]
    public void Put_NoText_KeepsTheLastGoodValue()
    {
        _view.Put("a", "good", 1);
        Assert.Equal(ApplyResult.Rejected, _view.Put("a", [0xFF], 2));
        Assert.Equal(ApplyResult.Rejected, _view.Put("b", [0xFF], 3));
        Assert.Equal("a", Assert.Single(Publish().Keys));
        Assert.Equal("good", _data["a"]);
        Assert.Equal(ApplyResult.Changed, _view.Put("a", "better", 4));
    }

    [Fact]
    public void Clear_OtherContent_IsOneWholeChange()
    {
        _view.Put("a", "1", 10);
        _view.Put("b", "1", 11);
        _view.Complete();
        Publish();

        _view.Clear();
        Assert.False(_view.IsComplete);
        _view.Put("b", "2", 1);
        _view.Put("c", "1", 2);
        _view.Complete();

        Assert.Equal([new("b", "2"), new("c", "1")], Publish());
    }

    [Fact]
    public void Clear_SameContent_IsNoDifference()
    {
        _view.Put("a", "1", 10);
        Publish();
        _view.Clear();
        _view.Put("a", "1", 1);
        Assert.Null(_data.Next(_view.TakeChanges()));
    }

    [Fact]
    public void TakeChanges_ThereAndBackAgain_IsNoDifference()
    {
        _view.Put("a", "1", 1);
        Publish();
        _view.Put("a", "2", 2);
        _view.Put("a", "1", 3);
        _view.Put("b", "1", 4);
        _view.Delete("b", 5);
        Assert.Null(_data.Next(_view.TakeChanges()));
    }

    [Fact]
    public void Next_Change_LeavesThePublishedDictionaryAlone()
    {
        _view.Put("a", "1", 1);
        FlatData before = Publish();
        _view.Put("a", "2", 2);
        _view.Put("b", "2", 3);
        FlatData after = Publish();
        Assert.NotSame(before, after);
        Assert.Equal([new("a", "1")], before);
        Assert.Equal(2, after.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Apply_AnySequence_ShowsWhatANaiveModelShows(int seed)
    {
        var random = new Random(seed);
        string[] keys = ["a", "A", "a.b", "A.b", "a:b", "a.B", "c", "c.d.e", "C.d:e", "_kv.x", "z"];
        var model = new Dictionary<string, (string Value, ulong Revision)>(StringComparer.Ordinal);
        for (ulong revision = 1; revision < 5_000; revision++)
        {
            string key = keys[random.Next(keys.Length)];
            switch (random.Next(20))
            {
                case < 6:
                    _view.Delete(key, revision);
                    model.Remove(key);
                    break;
                case 19:
                    _view.Clear();
                    model.Clear();
                    break;
                default:
                    string value = random.Next(3).ToString();
                    _view.Put(key, value, revision);
                    model[key] = (value, revision);
                    break;
            }

            if (random.Next(4) == 0)
            {
                var expected = model
                    .Where(static pair => !pair.Key.StartsWith("_kv", StringComparison.Ordinal))
                    .GroupBy(static pair => pair.Key.Replace('.', ':'), StringComparer.OrdinalIgnoreCase)
                    .ToDictionary(static group => group.Key.ToUpperInvariant(), static group => group.MaxBy(static pair => pair.Value.Revision).Value.Value, StringComparer.Ordinal);
                Assert.Equal(expected, Publish().ToDictionary(static pair => pair.Key.ToUpperInvariant(), static pair => pair.Value!, StringComparer.Ordinal));
            }
        }
    }

    private FlatData Publish() => _data = _data.Next(_view.TakeChanges()) ?? _data;
}
