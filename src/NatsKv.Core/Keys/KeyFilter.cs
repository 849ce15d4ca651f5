namespace NatsKv.Keys;

/// <summary>Which keys a set of filters matches. A tree of tokens: looking a key up costs its own length, however many filters there are.</summary>
internal sealed class KeyFilter
{
    private readonly FilterNode _root = new();

    /// <param name="filters">Legal filters.</param>
    public KeyFilter(IEnumerable<string> filters)
    {
        foreach (string filter in filters)
        {
            FilterNode node = _root;
            foreach (Range token in filter.AsSpan().Split('.'))
            {
                node = node.Grow(filter.AsSpan()[token]);
            }

            node.IsEnd = true;
        }
    }

    /// <summary>Whether at least one of the filters matches a key.</summary>
    public bool Matches(string key) => Leads(_root, key, isItself: false);

    /// <summary>Whether every key that a filter of this set matches is matched by another filter of the set too.</summary>
    public bool IsCoveredByAnother(string filter) => Leads(_root, filter, isItself: true);

    // A wildcard of the text is a token like any other, which only an equal or a wider wildcard matches. The path that the filter itself
    // took through the tree doesn't count.
    private static bool Leads(FilterNode node, ReadOnlySpan<char> rest, bool isItself)
    {
        int dot = rest.IndexOf('.');
        ReadOnlySpan<char> token = dot < 0 ? rest : rest[..dot];
        if (token is ">")
        {
            return node.Rest is not null && !isItself;
        }

        return node.Rest is not null
            || LeadsOn(node.Literal(token), dot, rest, isItself)
            || LeadsOn(node.AnyToken, dot, rest, isItself && token is "*");
    }

    private static bool LeadsOn(FilterNode? next, int dot, ReadOnlySpan<char> rest, bool isItself) =>
        next is not null && (dot < 0 ? next.IsEnd && !isItself : Leads(next, rest[(dot + 1)..], isItself));
}
