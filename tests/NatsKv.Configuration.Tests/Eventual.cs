using NatsKv.TestKit;

namespace NatsKv.Configuration.Tests;

internal static class Eventual
{
    /// <summary>Waits until a setting has a value.</summary>
    public static Task EqualAsync<T>(T expected, Func<T> actual) =>
        Eventually.EqualAsync(expected, actual, "the configuration shows it", ct: TestContext.Current.CancellationToken);
}
