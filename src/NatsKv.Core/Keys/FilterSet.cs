namespace NatsKv.Keys;

/// <summary>The filters of one watch as the server takes them: legal, and none inside another, which it refuses.</summary>
internal static class FilterSet
{
    /// <summary>Validates filters and drops those that others cover.</summary>
    public static string[] Normalize(IReadOnlyList<string> filters)
    {
        ArgumentNullException.ThrowIfNull(filters);
        if (filters.Count == 0)
        {
            throw new ArgumentException("The watch has no filters. Leave them at their default to follow every key.", nameof(filters));
        }

        foreach (string filter in filters)
        {
            KeyRules.ThrowIfNotFilter(filter, nameof(filters));
        }

        string[] distinct = [.. filters.Distinct(StringComparer.Ordinal)];
        return [.. distinct.Where(filter => !distinct.Any(other => other != filter && KeyRules.Covers(other, filter)))];
    }
}
