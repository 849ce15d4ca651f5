namespace NatsKv.Tests.Watching;

/// <summary>Reads a watch step by step, each event as a short text, with a deadline.</summary>
internal sealed class WatchReader(IAsyncEnumerable<NatsKvWatchEvent> watch) : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly IAsyncEnumerator<NatsKvWatchEvent> _events = watch.GetAsyncEnumerator(TestContext.Current.CancellationToken);

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
            Assert.True(await _events.MoveNextAsync().AsTask().WaitAsync(Deadline), "The watch ended.");
            return _events.Current;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The watch did not give {what} within {Deadline.TotalSeconds} s.");
        }
    }

    public ValueTask DisposeAsync() => _events.DisposeAsync();

    private static string Describe(NatsKvWatchEvent item) => item.Kind switch
    {
        NatsKvWatchEventKind.Entry => $"{item.Entry!.Key}={item.Entry.GetString()} {item.Entry.Operation}",
        NatsKvWatchEventKind.InitialDataComplete => "complete",
        _ => "reset",
    };
}
