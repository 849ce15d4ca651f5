namespace NatsKv.Configuration.Mapping;

/// <summary>The dictionaries that readers see. A published one never changes: the next is made beside it and takes its place.</summary>
internal static class FlatData
{
    public static Dictionary<string, string?> Empty() => new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Applies changes to a copy.</summary>
    /// <param name="current">What readers see now; it stays as it is.</param>
    /// <param name="changes">What the bucket says.</param>
    /// <returns>The next content, or <see langword="null"/> if a reader would see no difference.</returns>
    public static Dictionary<string, string?>? Next(Dictionary<string, string?> current, ViewChanges changes)
    {
        bool differs = changes.Whole && current.Count != changes.Items.Count;
        for (int i = 0; !differs && i < changes.Items.Count; i++)
        {
            differs = Differs(current, changes.Items[i]);
        }

        return !differs ? null : changes.Whole ? Whole(changes.Items) : Changed(current, changes.Items);
    }

    private static bool Differs(Dictionary<string, string?> current, ViewChange change)
    {
        bool there = current.TryGetValue(change.Key, out string? value);
        return there == change.Removed || (there && !string.Equals(value, change.Value, StringComparison.Ordinal));
    }

    private static Dictionary<string, string?> Whole(IReadOnlyList<ViewChange> items)
    {
        var next = new Dictionary<string, string?>(items.Count, StringComparer.OrdinalIgnoreCase);
        foreach (ViewChange item in items)
        {
            next[item.Key] = item.Value;
        }

        return next;
    }

    private static Dictionary<string, string?> Changed(Dictionary<string, string?> current, IReadOnlyList<ViewChange> items)
    {
        // From a dictionary with the same comparer this copies the slots without hashing a key again.
        var next = new Dictionary<string, string?>(current, StringComparer.OrdinalIgnoreCase);
        foreach (ViewChange item in items)
        {
            if (item.Removed)
            {
                next.Remove(item.Key);
            }
            else
            {
                next[item.Key] = item.Value;
            }
        }

        return next;
    }
}
