using System.Globalization;
using System.Text;
using NatsKv.TestKit;

namespace NatsKv.Tests.Watching.Fire;

/// <summary>
/// One round: a watch, writers, and a script of what goes wrong. Now and then there is peace, and a reckoning, so that what one step has done
/// isn't covered up by a later one.
/// </summary>
internal sealed class FireRun(int seed, bool isCluster, TimeSpan quorumLoss, CancellationToken ct)
{
    private const int Writers = 3;
    private const int StepsBetweenReckonings = 4;
    private static readonly TimeSpan IdleHeartbeat = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ServersPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan DisposalPatience = TimeSpan.FromSeconds(8);

    private readonly FireLedger _ledger = new((IdleHeartbeat * 3) + quorumLoss);
    private readonly FireView _view = new();
    private readonly List<string> _script = [];

    public async Task RunAsync(TimeSpan length)
    {
        // Odd seeds keep a history, so that a resumed watch meets superseded revisions too.
        await using FireStage stage = await FireStage.StartAsync(isCluster, history: seed % 2 == 0 ? 1 : 4, ct);
        await using var client = new NatsKvClient(new NatsKvOptions
        {
            Url = stage.Proxy.Url, RequestTimeout = TimeSpan.FromSeconds(2), PingInterval = TimeSpan.FromSeconds(1), MaxReconnectDelay = TimeSpan.FromMilliseconds(500),
        });
        await using INatsKvWatch watch = client.Bind(FireStage.Bucket).StartWatch(_view, new NatsKvWatchOptions { IdleHeartbeat = IdleHeartbeat });
        await using var sampler = new FireSampler(watch, _view, _ledger);
        try
        {
            sampler.Start();
            using IEnumerator<FireStep> script = FireScript.From(seed, isCluster).GetEnumerator();
            while (sampler.Elapsed < length)
            {
                await BurnAsync(stage, sampler, script);
                _script.Add(string.Create(CultureInfo.InvariantCulture, $"{sampler.Elapsed.TotalSeconds:F2}: peace"));
                await stage.MakeWholeAsync();
                await SettleAsync(stage, watch);
            }

            await EndAsync(stage, watch);
            Assert.Empty(_view.Broken);
            Assert.Empty(sampler.Broken);
            Assert.True(_view.Entries > 100 && sampler.Following * 20 > sampler.Samples, $"It saw too little for a test: {_view.Entries} entries, following {sampler.Following} of {sampler.Samples} times.");
            TestContext.Current.TestOutputHelper?.WriteLine(Describe(sampler, watch));
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"{error.Message}\n{Describe(sampler, watch)}\n{stage.Logs()}", error);
        }
    }

    private async Task BurnAsync(FireStage stage, FireSampler sampler, IEnumerator<FireStep> script)
    {
        FireWriter[] writers = [.. Enumerable.Range(0, Writers).Select(i => new FireWriter(stage.Url, FireStage.Bucket, _ledger, (seed * Writers) + i + (_script.Count * 1000)))];
        try
        {
            sampler.IsJudging = true;
            Array.ForEach(writers, static writer => writer.Start());
            for (int i = 0; i < StepsBetweenReckonings && script.MoveNext(); i++)
            {
                await Task.Delay(script.Current.Pause, ct);
                _script.Add(string.Create(CultureInfo.InvariantCulture, $"{sampler.Elapsed.TotalSeconds:F2}: {script.Current}"));
                await stage.PerformAsync(script.Current, _ledger, _view);
            }
        }
        finally
        {
            // Without writes the newest may be one that has expired before it could be handed over, and needn't be any more.
            sampler.IsJudging = false;
            foreach (FireWriter writer in writers)
            {
                await writer.DisposeAsync();
            }

            _ledger.BeginEra(null);
        }
    }

    // The view against the bucket, key by key. Keys go on expiring for a few seconds, so both move until they have come to rest.
    private Task SettleAsync(FireStage stage, INatsKvWatch watch) => Eventually.EqualAsync(
        $"{NatsKvWatchState.Following}, complete: True",
        async () =>
        {
            string difference = Compare(await stage.Probe.ReadAllAsync(FireStage.Bucket, ct), _view.Live());
            return difference.Length > 0 ? difference : $"{watch.State}, complete: {_view.IsComplete}";
        },
        "the view is what the bucket holds, and the watch says so",
        ServersPatience,
        ct);

    private static async Task EndAsync(FireStage stage, INatsKvWatch watch)
    {
        // The server itself takes a while to miss those that could not be deleted while it was away.
        await Eventually.EqualAsync(1, async () => (await stage.Probe.ConsumersAsync(FireStage.Bucket)).Length, "consumers while the watch runs", ServersPatience);
        await watch.DisposeAsync();
        await Eventually.EqualAsync(0, async () => (await stage.Probe.ConsumersAsync(FireStage.Bucket)).Length, "consumers once the watch is disposed", DisposalPatience);
    }

    private static string Compare(IReadOnlyDictionary<string, StoredEntry> stored, IReadOnlyDictionary<string, string> view)
    {
        Dictionary<string, string> wanted = stored.Where(static pair => !pair.Value.IsMarker)
            .ToDictionary(static pair => pair.Key, static pair => $"@{pair.Value.Revision} {pair.Value.Value}");
        return string.Join("; ", wanted.Keys.Union(view.Keys).Order(StringComparer.Ordinal)
            .Where(key => wanted.GetValueOrDefault(key) != view.GetValueOrDefault(key))
            .Take(20)
            .Select(key => $"{key}: bucket {wanted.GetValueOrDefault(key) ?? "nothing"}, view {view.GetValueOrDefault(key) ?? "nothing"}"));
    }

    private string Describe(FireSampler sampler, INatsKvWatch watch) => new StringBuilder()
        .AppendLine(CultureInfo.InvariantCulture, $"Again: NATSKV_FIRE_SEED={seed} NATSKV_FIRE_SECONDS=1, {(isCluster ? "cluster" : "one server")}; {watch.Status}")
        .AppendLine(CultureInfo.InvariantCulture, $"{_ledger.Acknowledged} writes, {_view.Entries} entries, {_view.Resets} resets, following {sampler.Following} of {sampler.Samples}")
        .AppendJoin('\n', ["Broken:", .. _view.Broken.Concat(sampler.Broken).Take(10), "Script:", .. _script, "States:", .. sampler.Timeline, "Interruptions:", .. _view.Interruptions.TakeLast(20)])
        .ToString();
}
