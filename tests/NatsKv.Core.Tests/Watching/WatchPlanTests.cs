using NatsKv.Watching;

namespace NatsKv.Tests.Watching;

public sealed class WatchPlanTests
{
    [Fact]
    public void From_Defaults_IsAViewOfEverything()
    {
        WatchPlan plan = WatchPlan.From(new NatsKvWatchOptions());

        Assert.Equal(">", Assert.Single(plan.Filters));
        Assert.Equal((WatchPlan.LatestOfEachKey, true, false, false, TimeSpan.FromSeconds(5)), (plan.DeliverPolicy, plan.IsView, plan.HeadersOnly, plan.IgnoreDeletes, plan.IdleHeartbeat));
    }

    [Theory]
    [InlineData(true, false, WatchPlan.Everything)]
    [InlineData(false, true, WatchPlan.NewOnly)]
    public void From_HistoryOrUpdates_IsNoView(bool history, bool updates, string policy)
    {
        WatchPlan plan = WatchPlan.From(new NatsKvWatchOptions { IncludeHistory = history, UpdatesOnly = updates, HeadersOnly = true, IgnoreDeletes = true });

        Assert.Equal((policy, false, true, true), (plan.DeliverPolicy, plan.IsView, plan.HeadersOnly, plan.IgnoreDeletes));
    }

    [Fact]
    public void From_WrongOptions_SaysWhich()
    {
        Assert.Contains("IncludeHistory and UpdatesOnly", Refused(new NatsKvWatchOptions { IncludeHistory = true, UpdatesOnly = true }), StringComparison.Ordinal);
        Assert.Contains("IdleHeartbeat is 00:00:00.0990000", Refused(new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.FromMilliseconds(99) }), StringComparison.Ordinal);
        Assert.Contains("IdleHeartbeat", Refused(new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.FromSeconds(-1) }), StringComparison.Ordinal);
        Assert.Contains("IdleHeartbeat", Refused(new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.MaxValue }), StringComparison.Ordinal);
        Assert.Contains("no filters", Refused(new NatsKvWatchOptions { Filters = [] }), StringComparison.Ordinal);
        Assert.Contains("'a..b'", Refused(new NatsKvWatchOptions { Filters = ["a..b"] }), StringComparison.Ordinal);
    }

    private static string Refused(NatsKvWatchOptions options) => Assert.ThrowsAny<ArgumentException>(() => WatchPlan.From(options)).Message;
}
