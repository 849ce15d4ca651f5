using System.Diagnostics;

namespace NatsKv.TestKit;

/// <summary>Waits until something is so, instead of for a time. Fails with the name of what was awaited.</summary>
public static class Eventually
{
    private static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until a condition holds.</summary>
    /// <param name="condition">Is asked again and again.</param>
    /// <param name="what">Names it in the failure, such as "the client is connected again".</param>
    /// <param name="deadline">Default 60 s: long enough for a machine that is busy with other things too; a test that waits so long fails anyway.</param>
    public static Task TrueAsync(Func<bool> condition, string what, TimeSpan? deadline = null, CancellationToken ct = default) =>
        TrueAsync(() => Task.FromResult(condition()), what, deadline, ct);

    /// <summary>Waits until a condition holds. An exception of the condition counts as 'not yet', and is told in the failure.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? deadline = null, CancellationToken ct = default) =>
        await GetAsync(async () => await condition() ? new object() : null, what, deadline, ct);

    /// <summary>Waits until a value is equal to the one expected, and tells the last one in the failure.</summary>
    public static async Task EqualAsync<T>(T expected, Func<T> actual, string what, TimeSpan? deadline = null, CancellationToken ct = default) =>
        await EqualAsync(expected, () => Task.FromResult(actual()), what, deadline, ct);

    /// <summary>Waits until a value is equal to the one expected, and tells the last one in the failure.</summary>
    public static async Task EqualAsync<T>(T expected, Func<Task<T>> actual, string what, TimeSpan? deadline = null, CancellationToken ct = default)
    {
        T? last = default;
        await GetAsync(
            async () =>
            {
                last = await actual();
                return EqualityComparer<T>.Default.Equals(expected, last) ? new object() : null;
            },
            () => $"{what} (expected: {expected}, last: {last})",
            deadline,
            ct);
    }

    /// <summary>Waits until there is a value, and returns it.</summary>
    public static Task<T> GetAsync<T>(Func<Task<T?>> tryGet, string what, TimeSpan? deadline = null, CancellationToken ct = default)
        where T : class =>
        GetAsync(tryGet, () => what, deadline, ct);

    private static async Task<T> GetAsync<T>(Func<Task<T?>> tryGet, Func<string> what, TimeSpan? deadline, CancellationToken ct)
        where T : class
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan limit = deadline ?? DefaultDeadline;
        TimeSpan pause = FirstPause;
        while (true)
        {
            Exception? error = null;
            try
            {
                // What never comes back must not outlast the deadline either.
                TimeSpan left = limit - Stopwatch.GetElapsedTime(start);
                if (await tryGet().WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, ct) is { } value)
                {
                    return value;
                }
            }
            catch (Exception caught) when (caught is not OperationCanceledException || !ct.IsCancellationRequested)
            {
                error = caught;
            }

            if (Stopwatch.GetElapsedTime(start) >= limit)
            {
                throw new TimeoutException($"Not within {limit.TotalSeconds} s: {what()}.{(error is null ? string.Empty : $" {error.Message}")}", error);
            }

            await Task.Delay(pause, ct);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }
}
