using System.Text.RegularExpressions;
using NatsKv.Extensions.Tests.Repository;

namespace NatsKv.Extensions.Tests.Documentation;

/// <summary>Reads docs/feature-matrix.md.</summary>
internal static partial class FeatureMatrix
{
    public const string Page = "docs/feature-matrix.md";

    /// <summary>What stands in a cell of a row that is not done yet.</summary>
    public const string Later = "later";

    public static Row[] Read() => [.. Repo.Lines(Page)
        .Where(static line => RowStart().IsMatch(line))
        .Select(static line => line.Trim('|').Split('|'))
        .Select(static cells => new Row(cells[0].Trim(), cells[1].Trim(), Names(cells[2]), Names(cells[3]), cells[2].Trim() == Later))];

    // The names are the pieces of code in a cell; words between them are for people.
    private static string[] Names(string cell) => [.. cell.Split('`').Where(static (_, i) => i % 2 == 1)];

    [GeneratedRegex(@"^\| [A-Z]\d+ \|")]
    private static partial Regex RowStart();

    /// <param name="Id">Such as K7.</param>
    /// <param name="Feature">What it is.</param>
    /// <param name="Members">Type.Member, or a type.</param>
    /// <param name="Tests">Class.Method.</param>
    /// <param name="IsLater">Whether it is left for later.</param>
    internal sealed record Row(string Id, string Feature, string[] Members, string[] Tests, bool IsLater);
}
