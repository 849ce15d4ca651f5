using NatsKv.TestKit;

namespace NatsKv.Configuration.Tests;

internal static class Eventual
{
    /// <summary>Waits until a setting has a value.</summary>
    public static Task EqualAsync<T>(T expected, Func<T> actual) =>
        Eventually.EqualAsync(expected, actual, "the configuration shows it", ct: TestContext.Current.CancellationToken);

    /// <summary>Waits until the server tells a number, for less than the ten seconds after which it removes unused consumers by itself.</summary>
    public static Task EqualAsync<T>(T expected, Func<Task<T>> actual) =>
        Eventually.EqualAsync(expected, actual, "the server tells it", TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken);
}
