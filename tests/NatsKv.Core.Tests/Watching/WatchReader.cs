namespace NatsKv.Tests.Watching;

/// <summary>Reads a watch step by step, each event as a short text, with a deadline.</summary>
internal sealed class WatchReader(IAsyncEnumerable<NatsKvWatchEvent> watch) : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private IAsyncEnumerator<NatsKvWatchEvent>? _events;
    private Task<bool> _moving = Task.FromResult(true);

    public async Task<string[]> ReadAsync(int count)
    {
        var texts = new List<string>();
        for (int i = 0; i < count; i++)
        {
            texts.Add(Describe(await NextAsync($"event {i + 1} of {count} after [{string.Join(", ", texts)}]")));
        }

        return [.. texts];
    }

    public async Task<NatsKvWatchEvent> NextAsync(string what = "an event")
    {
        try
        {
            _events ??= watch.GetAsyncEnumerator(_stopping.Token);
            _moving = _events.MoveNextAsync().AsTask();
            Assert.True(await _moving.WaitAsync(Deadline), "The watch ended.");
            return _events.Current;
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"The watch did not give {what} within {Deadline.TotalSeconds} s.", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await ((Task)_moving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await (_events?.DisposeAsync() ?? default);
        _stopping.Dispose();
    }

    private static string Describe(NatsKvWatchEvent item) => item.Kind switch
    {
        NatsKvWatchEventKind.Entry => $"{item.Entry!.Key}={item.Entry.GetString()} {item.Entry.Operation}",
        NatsKvWatchEventKind.InitialDataComplete => "complete",
        _ => "reset",
    };
}
