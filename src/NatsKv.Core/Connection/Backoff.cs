namespace NatsKv.Connection;

/// <summary>Pauses between attempts: they double up to a limit, and each is spread over half its length so that many clients don't come at once.</summary>
internal static class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(50);

    /// <summary>The pause after failed attempt <paramref name="attempt"/>, counted from 1.</summary>
    public static TimeSpan Delay(int attempt, TimeSpan longest, double random)
    {
        double factor = Math.Pow(2, Math.Min(attempt - 1, 30));
        TimeSpan full = TimeSpan.FromTicks((long)Math.Min(First.Ticks * factor, longest.Ticks));
        return full * (0.5 + (random / 2));
    }
}
