using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using NatsKv.Configuration.Mapping;

namespace NatsKv.Configuration.Tests.Mapping;

/// <summary>The index must say what Microsoft's own provider finds by walking all keys.</summary>
public sealed class ChildKeysTests
{
    private static readonly string[] Segments = ["", "a", "A", "b", "0", "1", "10", "2", "name", "Name"];

    [Fact]
    public void Merge_RandomKeys_EqualsMicrosoftsProvider()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            Dictionary<string, string?> data = new(StringComparer.OrdinalIgnoreCase);
            for (int i = random.Next(30); i > 0; i--)
            {
                data[RandomPath(random)] = "x";
            }

            FlatData flat = Flat(data);
            var rival = new MemoryConfigurationProvider(new MemoryConfigurationSource { InitialData = data });
            string[] earlier = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Segments[random.Next(Segments.Length)])];
            foreach (string? parent in data.Keys.SelectMany(Parents).Append(null).Append("").Append("none").Append("a").Append("A:b"))
            {
                Assert.Equal(Distinct(rival.GetChildKeys(earlier, parent)), Distinct(flat.Children.Merge(earlier, parent)), StringComparer.OrdinalIgnoreCase);
            }
        }
    }

    [Fact]
    public void Next_RandomChanges_IsWhatWouldBeMadeAnew()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            FlatData data = Flat(new(StringComparer.OrdinalIgnoreCase) { ["a:b:c"] = "1", ["a:b"] = "2" });
            for (int round = 0; round < 20; round++)
            {
                ChildKeys before = data.Children;
                string[] present = [.. data.Select(static pair => pair.Key)];
                string[] known = Describe(before, present);
                ViewChange[] changes =
                [
                    .. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => present.Length > 0 && random.Next(2) == 0
                        ? new ViewChange(present[random.Next(present.Length)], null, Removed: true)
                        : new ViewChange(RandomPath(random), "x", Removed: false)),
                ];
                data = data.With(changes);

                string[] paths = [.. present, .. data.Select(static pair => pair.Key), .. changes.Select(static change => change.Key)];
                Assert.Equal(Describe(new ChildKeys(data), paths), Describe(data.Children, paths), StringComparer.OrdinalIgnoreCase);
                Assert.Equal(known, Describe(before, present));
            }
        }

        static string[] Describe(ChildKeys children, string[] keys) =>
        [
            .. keys.SelectMany(Parents).Append(null).Append("").Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase)
                .Select(parent => $"{parent ?? "(top)"}: {string.Join(',', children.Of(parent).Order(StringComparer.OrdinalIgnoreCase))}"),
        ];
    }

    [Fact]
    public void Merge_NumbersAndNames_AreInTheOrderOfConfigurationKeys() =>
        Assert.Equal(["0", "2", "9", "10", "a", "b"], Flat(new() { ["x:b"] = "", ["x:10:y"] = "", ["x:2"] = "", ["x:0"] = "" }).Children.Merge(["a", "9"], "X"));

    [Fact]
    public void Children_ValuesChange_IsKept()
    {
        FlatData before = Flat(new() { ["a:b"] = "1", ["a:c"] = "2" });
        ChildKeys children = before.Children;

        Assert.Same(children, before.With(new ViewChange("A:B", "3", Removed: false)).Children);
    }

    [Theory]
    [InlineData("a:d", false, "b,c,d")]
    [InlineData("a:c", true, "b")]
    public void Children_KeysComeOrGo_IsMadeAnew(string key, bool removed, string expected)
    {
        FlatData before = Flat(new() { ["a:b"] = "1", ["a:c"] = "2" });
        Assert.Equal(["b", "c"], before.Children.Merge([], "a"));

        FlatData after = before.With(new ViewChange(key, removed ? null : "x", removed));

        Assert.Equal(expected.Split(','), after.Children.Merge([], "a"));
        Assert.Equal(["b", "c"], before.Children.Merge([], "a"));
    }

    [Fact]
    public void Children_OneKeyComesAsAnotherGoes_IsMadeAnew()
    {
        FlatData before = Flat(new() { ["a:b"] = "1" });
        Assert.Equal(["b"], before.Children.Merge([], "a"));

        FlatData after = before.With(new ViewChange("a:b", null, Removed: true), new ViewChange("a:c", "2", Removed: false));

        Assert.Equal(["c"], after.Children.Merge([], "a"));
    }

    private static FlatData Flat(Dictionary<string, string?> data) =>
        FlatData.Empty.Next(new ViewChanges(Whole: true, [.. data.Select(static pair => new ViewChange(pair.Key, pair.Value, Removed: false))])) ?? FlatData.Empty;

    private static string RandomPath(Random random) =>
        string.Join(':', Enumerable.Range(0, 1 + random.Next(4)).Select(_ => Segments[random.Next(Segments.Length)]));

    private static IEnumerable<string?> Parents(string key) =>
        key.Select(static (character, at) => (character, at)).Where(static pair => pair.character == ':').Select(pair => key[..pair.at]).Append(key);

    // Microsoft's walk names a child once for each key below it; the root takes them once.
    private static IEnumerable<string> Distinct(IEnumerable<string> keys) => keys.Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase);
}
