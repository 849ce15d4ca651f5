namespace NatsKv.Keys;

/// <summary>The filters of one watch as the server takes them: legal, and none inside another, which it refuses.</summary>
internal static class FilterSet
{
    /// <summary>Validates filters and drops those that others cover.</summary>
    public static string[] Normalize(IReadOnlyList<string> filters, NatsKvKeyValidation validation = NatsKvKeyValidation.Strict)
    {
        ArgumentNullException.ThrowIfNull(filters);
        if (filters.Count == 0)
        {
            throw new ArgumentException("The watch has no filters. Leave them at their default to follow every key.", nameof(filters));
        }

        foreach (string filter in filters)
        {
            KeyRules.ThrowIfNotFilter(filter, validation, nameof(filters));
        }

        string[] distinct = [.. filters.Distinct(StringComparer.Ordinal)];
        if (distinct.Length == 1)
        {
            return distinct;
        }

        var all = new KeyFilter(distinct);
        return [.. distinct.Where(filter => !all.IsCoveredByAnother(filter))];
    }

    /// <summary>One filter around all: what their first tokens have in common, and everything below.</summary>
    public static string Around(IReadOnlyList<string> filters)
    {
        string[] common = filters[0].Split('.')[..^1];
        foreach (string filter in filters)
        {
            string[] tokens = filter.Split('.');
            common = [.. common.Zip(tokens[..^1]).TakeWhile(static pair => pair.First == pair.Second && pair.First is not "*").Select(static pair => pair.First)];
        }

        return string.Join('.', common.Append(">"));
    }
}
