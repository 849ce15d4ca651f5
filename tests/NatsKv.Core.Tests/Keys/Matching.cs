namespace NatsKv.Tests.Keys;

/// <summary>Filters, and the slow and obvious way to tell what they match.</summary>
internal static class Matching
{
    /// <summary>Every key of up to four tokens over a small alphabet; enough to tell any two filters of up to three tokens apart.</summary>
    public static readonly string[] AllKeys = [.. Keys(4)];

    public static bool Matches(string filter, string key) => Matches(filter.Split('.'), key.Split('.'));

    public static string RandomFilter(Random random)
    {
        string[] tokens = random.GetItems(["a", "b", "*"], random.Next(1, 4));
        if (random.Next(3) == 0)
        {
            tokens[^1] = ">";
        }

        return string.Join('.', tokens);
    }

    private static bool Matches(ReadOnlySpan<string> filter, ReadOnlySpan<string> key) =>
        filter.IsEmpty || key.IsEmpty
            ? filter.IsEmpty && key.IsEmpty
            : filter[0] == ">" || ((filter[0] == "*" || filter[0] == key[0]) && Matches(filter[1..], key[1..]));

    // 'c' is in no filter, so that a wildcard matches more than the words that filters name.
    private static IEnumerable<string> Keys(int most) => most == 0
        ? []
        : new[] { "a", "b", "c" }.SelectMany(first => Keys(most - 1).Select(rest => $"{first}.{rest}").Prepend(first));
}
