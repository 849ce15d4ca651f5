namespace NatsKv.Caching;

/// <summary>What begins the sliding window of an entry anew.</summary>
public enum NatsKvSlidingRefresh
{
    /// <summary>Reading it, and <c>Refresh</c>.</summary>
    OnGet = 0,

    /// <summary>Only <c>Refresh</c>.</summary>
    OnRefreshOnly = 1,

    /// <summary>Nothing but a new <c>Set</c>.</summary>
    Off = 2,
}
