using NatsKv.Configuration.Mapping;

namespace NatsKv.Configuration.Tests.Mapping;

public sealed class FlatDataTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300)]
    [InlineData(20_000)]
    public void Next_WholeContent_HasEveryKeyInAnyCase(int count)
    {
        FlatData data = Make(count);
        Assert.Equal(count, data.Count);
        Assert.Equal(count, data.AsEnumerable().Count(static pair => pair.Value is not null));
        Assert.Equal(count, data.Keys.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Equal(count, data.Values.Count);
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(i.ToString(), data[$"SECTION:key{i}"]);
        }

        Assert.False(data.TryGetValue("section:none", out _));
        Assert.False(data.ContainsKey("section:none"));
        Assert.Throws<KeyNotFoundException>(() => data["section:none"]);
    }

    [Fact]
    public void Next_OneChangeOfMany_LeavesThePresentContentAlone()
    {
        FlatData before = Make(20_000);
        FlatData after = before.Next(new ViewChanges(Whole: false, [new("Section:Key7", "new", false), new("section:KEY8", null, true), new("added", "1", false)]))!;
        Assert.Equal("7", before["Section:Key7"]);
        Assert.Equal("8", before["Section:Key8"]);
        Assert.False(before.ContainsKey("added"));
        Assert.Equal("new", after["Section:Key7"]);
        Assert.False(after.ContainsKey("Section:Key8"));
        Assert.Equal("1", after["added"]);
        Assert.Equal(20_000, after.Count);
    }

    [Fact]
    public void Next_GrowingKeyByKey_StaysWhole()
    {
        FlatData data = FlatData.Empty;
        for (int i = 0; i < 5_000; i++)
        {
            data = data.Next(new ViewChanges(Whole: false, [new($"k{i}", "x", false)]))!;
        }

        Assert.Equal(5_000, data.Count);
        Assert.Equal(5_000, data.AsEnumerable().Count(static pair => pair.Value is not null));
        Assert.All(Enumerable.Range(0, 5_000), i => Assert.True(data.ContainsKey($"K{i}")));
    }

    [Fact]
    public void Next_NoDifference_IsNothing()
    {
        FlatData data = Make(10);
        Assert.Null(data.Next(new ViewChanges(Whole: false, [new("Section:Key1", "1", false), new("none", null, true)])));
        Assert.Null(data.Next(new ViewChanges(Whole: false, [])));
        Assert.NotNull(data.Next(new ViewChanges(Whole: true, [])));
    }

    [Fact]
    public void Mutators_Any_AreRefused()
    {
        FlatData data = Make(1);
        Assert.True(data.IsReadOnly);
        Assert.Throws<NotSupportedException>(() => data["a"] = "1");
        Assert.Throws<NotSupportedException>(() => data.Add("a", "1"));
        Assert.Throws<NotSupportedException>(() => data.Add(new("a", "1")));
        Assert.Throws<NotSupportedException>(() => data.Remove("a"));
        Assert.Throws<NotSupportedException>(() => data.Remove(new KeyValuePair<string, string?>("a", "1")));
        Assert.Throws<NotSupportedException>(data.Clear);
    }

    [Fact]
    public void CopyToAndContains_AnyPair_AreRight()
    {
        FlatData data = Make(3);
        var copy = new KeyValuePair<string, string?>[4];
        data.CopyTo(copy, 1);
        Assert.All(copy[1..], pair => Assert.Contains(pair, data));
        Assert.DoesNotContain(new KeyValuePair<string, string?>("Section:Key1", "2"), data);
    }

    private static FlatData Make(int count) => FlatData.Empty.Next(new ViewChanges(
        Whole: true, [.. Enumerable.Range(0, count).Select(static i => new ViewChange($"Section:Key{i}", i.ToString(), Removed: false))])) ?? FlatData.Empty;
}
