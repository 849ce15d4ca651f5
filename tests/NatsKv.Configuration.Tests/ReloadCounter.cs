using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace NatsKv.Configuration.Tests;

/// <summary>Counts the reloads of a configuration, and remembers what one setting was when each was raised.</summary>
internal sealed class ReloadCounter : IDisposable
{
    private readonly IDisposable _registration;
    private readonly ConcurrentQueue<string?> _shown = [];
    private int _count;

    public ReloadCounter(IConfiguration configuration, string key = "b") => _registration = ChangeToken.OnChange(configuration.GetReloadToken, () =>
    {
        Interlocked.Increment(ref _count);
        _shown.Enqueue(configuration[key]);
    });

    public int Count => Volatile.Read(ref _count);

    /// <summary>Waits until a reload has been raised that shows a value: a content is there to be read a moment before its reload is raised.</summary>
    /// <returns>How many reloads there were until then.</returns>
    public async Task<int> UntilShownAsync(string value)
    {
        await Eventual.EqualAsync(true, () => _shown.Contains(value, StringComparer.Ordinal));
        return Count;
    }

    public void Dispose() => _registration.Dispose();
}
