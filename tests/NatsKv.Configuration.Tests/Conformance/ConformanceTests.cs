using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace NatsKv.Configuration.Tests.Conformance;

/// <summary>What users may expect of any configuration provider.</summary>
public abstract class ConformanceTests
{
    private static readonly (string Key, string Value)[] Content =
    [
        ("Key1", "Value1"),
        ("Section1.Key2", "Value12"),
        ("Section1.Section2.Key3", "Value123"),
        ("Section1.Section2.Key3a.0", "ArrayValue0"),
        ("Section1.Section2.Key3a.1", "ArrayValue1"),
        ("Section1.Section2.Key3a.2", "ArrayValue2"),
        ("Section3.Section4.Key4", "Value344"),
        ("Section3.Empty", ""),
    ];

    [Fact]
    public void Load_SingleProvider_ShowsEverySection()
    {
        IConfigurationRoot root = Build(new ConfigurationBuilder(), Content);
        AssertContent(root);
    }

    [Fact]
    public void GetChildren_AnySection_ComesInKeyOrderWithPathAndNoValue()
    {
        IConfigurationRoot root = Build(new ConfigurationBuilder(), Content);
        Assert.Equal(["Key1", "Section1", "Section3"], KeysOf(root));
        IConfigurationSection section = root.GetSection("Section1");
        Assert.Null(section.Value);
        Assert.Equal("Section1", section.Path);
        Assert.True(section.Exists());
        Assert.Equal("Section1:Section2", section.GetSection("Section2").Path);
        Assert.Equal(["0", "1", "2"], KeysOf(section.GetSection("Section2:Key3a")));
        Assert.False(root.GetSection("Section4").Exists());
    }

    [Fact]
    public void GetChildren_NumericTokens_AreOrderedAsNumbers()
    {
        IConfigurationRoot root = Build(new ConfigurationBuilder(), ("l.10", "c"), ("l.2", "b"), ("l.0", "a"), ("l.x", "d"));
        Assert.Equal(["0", "2", "10", "x"], KeysOf(root.GetSection("l")));
        Assert.Equal(["a", "b", "c", "d"], root.GetSection("l").Get<string[]>()!);
    }

    [Fact]
    public void GetDebugView_AnyValue_NamesTheProvider()
    {
        IConfigurationRoot root = Build(new ConfigurationBuilder(), ("Key1", "Value1"), ("Section1.Key2", "Value12"));
        string name = root.Providers.Single().ToString()!;
        Assert.StartsWith("NatsKvConfigurationProvider for bucket '", name, StringComparison.Ordinal);
        string expected = string.Join(Environment.NewLine, $"Key1=Value1 ({name})", "Section1:", $"  Key2=Value12 ({name})", "");
        Assert.Equal(expected, root.GetDebugView());
    }

    [Fact]
    public void Load_EmptyValue_IsIncluded()
    {
        IConfigurationRoot root = Build(new ConfigurationBuilder(), ("a", ""));
        Assert.Equal("", root["a"]);
        Assert.True(root.GetSection("a").Exists());
    }

    [Fact]
    public void Build_AfterAnotherProvider_Combines()
    {
        IConfigurationBuilder builder = new ConfigurationBuilder().Add(Half(first: true));
        AssertContent(Build(builder, Content[4..]));
    }

    [Fact]
    public void Build_BeforeAnotherProvider_Combines()
    {
        var builder = new ConfigurationBuilder();
        Add(builder, Content[4..]);
        AssertContent(builder.Add(Half(first: true)).Build());
    }

    [Fact]
    public void Build_TwoProviders_TheLaterOverrides()
    {
        var builder = new ConfigurationBuilder();
        Add(builder, [.. Content.Select(static pair => (pair.Key, "overridden"))]);
        Add(builder, Content);
        AssertContent(builder.Build());
    }

    [Fact]
    public void Build_TwoProvidersInOtherCase_AreOne()
    {
        var builder = new ConfigurationBuilder();
        Add(builder, [.. Content.Select(static pair => (pair.Key.ToUpperInvariant(), "overridden"))]);
        Add(builder, Content);
        IConfigurationRoot root = builder.Build();
        Assert.Equal("Value123", root["SECTION1:section2:KEY3"]);
        Assert.Equal("ArrayValue2", root["section1:SECTION2:key3A:2"]);
        Assert.Equal(3, root.GetChildren().Count());
    }

    [Fact]
    public void Load_KeysThatDifferInCase_ShowsTheNewest()
    {
        IConfigurationRoot root = Build(new ConfigurationBuilder(), ("Section.Key", "older"), ("section.KEY", "newer"));
        Assert.Equal("newer", root["Section:Key"]);
        Assert.Single(root.GetSection("Section").GetChildren());
    }

    [Fact]
    public void Get_Object_IsBound()
    {
        Bound bound = Build(new ConfigurationBuilder(), Content).Get<Bound>()!;
        Assert.Equal("Value1", bound.Key1);
        Assert.Equal("Value12", bound.Section1!.Key2);
        Assert.Equal("Value123", bound.Section1.Section2!.Key3);
        Assert.Equal(["ArrayValue0", "ArrayValue1", "ArrayValue2"], bound.Section1.Section2.Key3a!);
    }

    [Fact]
    public void Get_ScalarAndSectionUnderOneName_BothExist()
    {
        IConfigurationRoot root = Build(new ConfigurationBuilder(), ("a", "1"), ("a.b", "2"));
        Assert.Equal("1", root["a"]);
        Assert.Equal("2", root["a:b"]);
    }

    [Fact]
    public void Set_Value_StandsUntilTheNextReload()
    {
        IConfigurationRoot root = Build(new ConfigurationBuilder(), ("a", "1"));
        root["a"] = "mine";
        root["new:key"] = "mine";
        Assert.Equal("mine", root["A"]);
        Assert.Equal("mine", root["new:key"]);
        root.Reload();
        Assert.Equal("1", root["a"]);
        Assert.Null(root["new:key"]);
    }

    [Fact]
    public void Reload_Twice_GivesNewTokensThatHaveNotChanged()
    {
        IConfigurationRoot root = Build(new ConfigurationBuilder(), ("a", "1"));
        var first = root.GetReloadToken();
        Assert.Same(first, root.GetReloadToken());
        root.Reload();
        Assert.True(first.HasChanged);
        Assert.NotSame(first, root.GetReloadToken());
        Assert.False(root.GetReloadToken().HasChanged);
        Assert.Equal("1", root["a"]);
    }

    [Fact]
    public void AddNatsKv_ToConfigurationManager_IsThereAtOnce()
    {
        using var manager = new ConfigurationManager();
        manager["before"] = "1";
        Add(manager, Content);
        AssertContent(manager);
        Assert.Equal("1", manager["before"]);
    }

    /// <summary>Adds a bucket with this content.</summary>
    protected abstract void Add(IConfigurationBuilder builder, params (string Key, string Value)[] content);

    private static string[] KeysOf(IConfiguration section) => [.. section.GetChildren().Select(static child => child.Key)];

    private static MemoryConfigurationSource Half(bool first) => new()
    {
        InitialData = (first ? Content[..4] : Content[4..]).Select(static pair => new KeyValuePair<string, string?>(pair.Key.Replace('.', ':'), pair.Value)),
    };

    private static void AssertContent(IConfiguration configuration)
    {
        foreach ((string key, string value) in Content)
        {
            Assert.Equal(value, configuration[key.Replace('.', ':')]);
            Assert.Equal(value, configuration[key.Replace('.', ':').ToUpperInvariant()]);
        }
    }

    private IConfigurationRoot Build(IConfigurationBuilder builder, params (string Key, string Value)[] content)
    {
        Add(builder, content);
        return builder.Build();
    }

    internal sealed class Bound
    {
        public string? Key1 { get; set; }

        public BoundSection? Section1 { get; set; }
    }

    internal sealed class BoundSection
    {
        public string? Key2 { get; set; }

        public BoundInner? Section2 { get; set; }
    }

    internal sealed class BoundInner
    {
        public string? Key3 { get; set; }

        public string[]? Key3a { get; set; }
    }
}
