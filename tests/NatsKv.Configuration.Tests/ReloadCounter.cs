using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace NatsKv.Configuration.Tests;

/// <summary>Counts the reloads of a configuration.</summary>
internal sealed class ReloadCounter : IDisposable
{
    private readonly IDisposable _registration;
    private int _count;

    public ReloadCounter(IConfiguration configuration) =>
        _registration = ChangeToken.OnChange(configuration.GetReloadToken, () => Interlocked.Increment(ref _count));

    public int Count => Volatile.Read(ref _count);

    public void Dispose() => _registration.Dispose();
}
