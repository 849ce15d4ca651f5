using System.Text.RegularExpressions;

namespace NatsKv.Extensions.Tests.Repository;

/// <summary>The house rules that no analyzer checks.</summary>
public sealed partial class SourceRulesTests
{
    private const int MostLines = 350;
    private const int MostMedianLines = 60;

    [Fact]
    public void SourceFiles_AreShort()
    {
        string[] files = [.. Repo.Sources("src")];
        int[] lengths = [.. files.Select(static file => Repo.Lines(file).Length).Order()];

        Assert.DoesNotContain(files, static file => Repo.Lines(file).Length > MostLines);
        Assert.True(lengths[lengths.Length / 2] <= MostMedianLines, $"The median file has {lengths[lengths.Length / 2]} lines.");
    }

    [Fact]
    public void ShippedSources_HaveNoStubsAndNoRegions()
    {
        Assert.Empty(Repo.Sources("src").SelectMany(static file => Repo.Lines(file)
            .Where(static line => line.Contains("NotImplementedException", StringComparison.Ordinal) || line.TrimStart().StartsWith("#region", StringComparison.Ordinal))
            .Select(line => $"{file}: {line.Trim()}")));
    }

    [Fact]
    public void Suppressions_CarryAReason()
    {
        // '#pragma warning disable X // why'
        Assert.Empty(Repo.Sources("src").SelectMany(static file => Repo.Lines(file)
            .Where(static line => line.Contains("#pragma warning disable", StringComparison.Ordinal) && !line.Contains("//", StringComparison.Ordinal))
            .Select(line => $"{file}: {line.Trim()}")));
    }

    [Fact]
    public void SkippedTests_StandInTheList()
    {
        string[] listed = [.. Repo.Lines("tests/skipped-tests.txt").Where(static line => line.Length > 0 && !line.StartsWith('#')).Order(StringComparer.Ordinal)];
        string[] skipped = [.. Repo.Sources("tests")
            .Where(static file => Repo.Lines(file).Any(static line => Skip().IsMatch(line)))
            .Order(StringComparer.Ordinal)];

        Assert.Equal(listed, skipped);
    }

    [Theory]
    [InlineData("src/NatsKv.Core", "NatsKv.Configuration", "NatsKv.Caching", "NatsKv.Testing")]
    [InlineData("src/NatsKv.Configuration", "NatsKv.Caching", "NatsKv.Testing")]
    [InlineData("src/NatsKv.Caching", "NatsKv.Configuration", "NatsKv.Testing")]
    [InlineData("src/NatsKv.NatsNet", "NatsKv.Configuration", "NatsKv.Caching", "NatsKv.Testing")]
    [InlineData("src/NatsKv.Testing", "NatsKv.Core", "NatsKv.Configuration", "NatsKv.Caching")]
    public void Packages_ReferOnlyDownwards(string project, params string[] forbidden)
    {
        string text = File.ReadAllText(Path.Combine(Repo.Root, project, Path.GetFileName(project) + ".csproj"));

        Assert.DoesNotContain(forbidden, name => text.Contains($"{name}.csproj", StringComparison.Ordinal));
        Assert.DoesNotMatch("""InternalsVisibleTo Include="[^"]*(?<!Tests|\.Benchmarks)" """.TrimEnd(), text);
    }

    [GeneratedRegex(@"\bSkip\s*=|Assert\.Skip")]
    private static partial Regex Skip();
}
