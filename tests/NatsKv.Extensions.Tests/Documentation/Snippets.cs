using System.Text.RegularExpressions;
using NatsKv.Extensions.Tests.Repository;

namespace NatsKv.Extensions.Tests.Documentation;

/// <summary>
/// The regions of the tests that the documentation shows: lines between <c>// &lt;snippet:name&gt;</c> and <c>// &lt;/snippet:name&gt;</c>,
/// and in a page the fenced block behind a comment <c>&lt;!-- snippet:name --&gt;</c>.
/// </summary>
internal static partial class Snippets
{
    /// <summary>Every marked region of the tests, its indentation taken off.</summary>
    /// <exception cref="InvalidOperationException">A region has no end, or a name stands twice.</exception>
    public static IReadOnlyDictionary<string, string[]> InTests()
    {
        var snippets = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (string file in Repo.Sources("tests"))
        {
            string[] lines = Repo.Lines(file);
            for (int start = 0; start < lines.Length; start++)
            {
                if (RegionStart().Match(lines[start]) is not { Success: true } match)
                {
                    continue;
                }

                string name = match.Groups["name"].Value;
                int end = Array.FindIndex(lines, start, line => line.Trim() == $"// </snippet:{name}>");
                if (end < 0 || !snippets.TryAdd(name, Unindented(lines[(start + 1)..end])))
                {
                    throw new InvalidOperationException($"Snippet '{name}' in {file} {(end < 0 ? "has no end" : "stands twice")}.");
                }
            }
        }

        return snippets;
    }

    /// <summary>The blocks of a page: the snippet's name, or none where a C# block has no mark; and the lines, with the index of the first.</summary>
    public static IEnumerable<(string? Name, int Start, string[] Lines)> InPage(string[] page)
    {
        string? name = null;
        for (int i = 0; i < page.Length; i++)
        {
            if (PageMark().Match(page[i]) is { Success: true } match)
            {
                name = match.Groups["name"].Value;
            }
            else if (page[i].StartsWith("```", StringComparison.Ordinal))
            {
                int end = Array.FindIndex(page, i + 1, static line => line.StartsWith("```", StringComparison.Ordinal));
                if (name is not null || page[i] == "```csharp")
                {
                    yield return (name, i + 1, page[(i + 1)..end]);
                }

                (i, name) = (end, null);
            }
        }
    }

    private static string[] Unindented(string[] lines)
    {
        int indentation = lines.Where(static line => line.Length > 0).Min(static line => line.Length - line.TrimStart().Length);
        return [.. lines.Select(line => line.Length > 0 ? line[indentation..] : line)];
    }

    [GeneratedRegex(@"^\s*// <snippet:(?<name>[a-z0-9-]+)>$")]
    private static partial Regex RegionStart();

    [GeneratedRegex("^<!-- snippet:(?<name>[a-z0-9-]+) -->$")]
    private static partial Regex PageMark();
}
