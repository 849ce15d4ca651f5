namespace NatsKv.Keys;

/// <summary>Where the tokens read so far lead to in a <see cref="KeyFilter"/>.</summary>
internal sealed class FilterNode
{
    private Dictionary<string, FilterNode>? _literals;

    /// <summary>Whether a filter ends here.</summary>
    public bool IsEnd { get; set; }

    /// <summary>Behind a <c>*</c>.</summary>
    public FilterNode? AnyToken { get; private set; }

    /// <summary>Behind a closing <c>></c>.</summary>
    public FilterNode? Rest { get; private set; }

    /// <summary>Behind a token that stands for itself.</summary>
    public FilterNode? Literal(ReadOnlySpan<char> token) =>
        _literals is not null && _literals.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(token, out FilterNode? node) ? node : null;

    /// <summary>Behind a token of a filter; made if it isn't there.</summary>
    public FilterNode Grow(ReadOnlySpan<char> token) => token switch
    {
        "*" => AnyToken ??= new FilterNode(),
        ">" => Rest ??= new FilterNode(),
        _ => Literal(token) ?? Add(token.ToString()),
    };

    private FilterNode Add(string token)
    {
        var node = new FilterNode();
        _literals ??= new Dictionary<string, FilterNode>(StringComparer.Ordinal);
        _literals.Add(token, node);
        return node;
    }
}
