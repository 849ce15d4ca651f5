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
        Assert.Contains("FromRevision", Refused(new NatsKvWatchOptions { IncludeHistory = true, FromRevision = 1 }), StringComparison.Ordinal);
        Assert.Contains("FromRevision", Refused(new NatsKvWatchOptions { UpdatesOnly = true, FromRevision = 1 }), StringComparison.Ordinal);
        Assert.Contains("FromRevision is 0", Refused(new NatsKvWatchOptions { FromRevision = 0 }), StringComparison.Ordinal);
        Assert.Contains("IdleHeartbeat is 00:00:00.0990000", Refused(new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.FromMilliseconds(99) }), StringComparison.Ordinal);
        Assert.Contains("IdleHeartbeat", Refused(new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.FromSeconds(-1) }), StringComparison.Ordinal);
        Assert.Contains("IdleHeartbeat", Refused(new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.MaxValue }), StringComparison.Ordinal);
        Assert.Contains("no filters", Refused(new NatsKvWatchOptions { Filters = [] }), StringComparison.Ordinal);
        Assert.Contains("'a..b'", Refused(new NatsKvWatchOptions { Filters = ["a..b"] }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2.15.1", 1, 5, "own")]
    [InlineData("2.10.27", 256, 0, "own")]
    [InlineData("2.15.1", 257, 5, "a.>")]
    [InlineData("2.9.10", 1, 0, "own")]
    [InlineData("2.9.10", 2, 0, "a.>")]
    [InlineData("2.10.0-RC.1", 2, 0, "own")]
    [InlineData("someone's own", 2, 0, "own")]
    public void ServerFilters_ManyFiltersOrAnOldServer_AreOneAroundThem(string version, int count, int level, string expected)
    {
        WatchPlan plan = WatchPlan.From(new NatsKvWatchOptions { Filters = [.. Enumerable.Range(0, count).Select(static i => $"a.{i}")] });

        string[] filters = plan.ServerFilters(
            new NatsKvServerInfo { Name = "n", Version = version, JetStream = true, ApiLevel = level, MaxPayload = 1024 });

        Assert.Equal(expected is "a.>" ? [expected] : plan.Filters, filters);
        Assert.Equal(count > 1, plan.Narrow is not null);
    }

    [Fact]
    public void ServerFilters_ThatTakeTooMuchRoom_AreOneAroundThem()
    {
        WatchPlan plan = WatchPlan.From(new NatsKvWatchOptions { Filters = [.. Enumerable.Range(0, 30).Select(static i => $"a.{i}.{new string('x', 3000)}")] });

        Assert.Equal(["a.>"], plan.ServerFilters(null));
    }

    private static string Refused(NatsKvWatchOptions options) => Assert.ThrowsAny<ArgumentException>(() => WatchPlan.From(options)).Message;
}
