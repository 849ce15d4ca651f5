using NatsKv.Extensions.Tests.Repository;

namespace NatsKv.Extensions.Tests.Documentation;

/// <summary>
/// The code in the pages is code of the tests: compiled, run, and never apart from what it documents. Run the tests with
/// <c>NATSKV_UPDATE_SNIPPETS=1</c> to write the blocks anew.
/// </summary>
public sealed class SnippetTests
{
    // Pages in which every C# block must be a snippet; in the others it may be.
    private static readonly string[] ProvenPages = ["docs/kv.md"];

    public static TheoryData<string> Pages =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Repo.Root, "docs"), "*.md").Order(StringComparer.Ordinal).Select(static path => $"docs/{Path.GetFileName(path)}"),
        "README.md",
        "src/NatsKv.Core/README.md",
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Blocks_AreTheRegionsOfTheTests(string page)
    {
        IReadOnlyDictionary<string, string[]> snippets = Snippets.InTests();
        if (Environment.GetEnvironmentVariable("NATSKV_UPDATE_SNIPPETS") == "1")
        {
            Update(page, snippets);
        }

        foreach ((string? name, int start, string[] lines) in Snippets.InPage(Repo.Lines(page)))
        {
            if (name is null)
            {
                Assert.False(ProvenPages.Contains(page, StringComparer.Ordinal), $"{page}, line {start}: a block of C# that is no snippet of a test.");
                continue;
            }

            Assert.True(snippets.TryGetValue(name, out string[]? expected), $"{page}, line {start}: there is no snippet '{name}' in the tests.");
            Assert.Equal(expected, lines);
        }
    }

    [Fact]
    public void EverySnippet_IsShown()
    {
        string[] shown = [.. Pages.SelectMany(static page => Snippets.InPage(Repo.Lines(page.Data))).Select(static block => block.Name).OfType<string>()];

        Assert.Empty(Snippets.InTests().Keys.Except(shown, StringComparer.Ordinal));
        Assert.NotEmpty(shown);
    }

    private static void Update(string page, IReadOnlyDictionary<string, string[]> snippets)
    {
        List<string> lines = [.. Repo.Lines(page)];
        foreach ((string? name, int start, string[] block) in Snippets.InPage([.. lines]).Reverse())
        {
            if (name is not null && snippets.TryGetValue(name, out string[]? present))
            {
                lines.RemoveRange(start, block.Length);
                lines.InsertRange(start, present);
            }
        }

        File.WriteAllText(Path.Combine(Repo.Root, page), string.Join('\n', lines) + "\n");
    }
}
