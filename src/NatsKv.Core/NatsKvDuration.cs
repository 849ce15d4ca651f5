using System.Globalization;

namespace NatsKv;

/// <summary>Durations as people write them.</summary>
public static class NatsKvDuration
{
    private const decimal TicksPerNanosecond = 0.01m;

    /// <summary>
    /// Reads <c>500ms</c>, <c>2s</c>, <c>1.5h</c>, <c>1h30m</c> (Go's notation, which the NATS tools use: <c>ns</c>, <c>us</c> or <c>µs</c>,
    /// <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c>; and <c>d</c> for days), a bare number of seconds, or .NET's <c>00:00:05</c>.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">The duration, when the text is one, rounded up to 100 ns.</param>
    /// <returns>Whether the text is a duration.</returns>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        if (string.IsNullOrWhiteSpace(text))
        {
            return false;
        }

        text = text.Trim();
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration);
        }

        return TryNumber(text, out decimal seconds) ? TryAdd(seconds, TimeSpan.TicksPerSecond, ref duration) : TryParseUnits(text, out duration);
    }

    /// <summary>Reads a time to live: a duration longer than zero, or <c>never</c> for a value that never expires (ADR-43).</summary>
    /// <param name="text">The text.</param>
    /// <param name="timeToLive">What to give to <see cref="NatsKvWriteOptions.TimeToLive"/>; <see cref="Timeout.InfiniteTimeSpan"/> for <c>never</c>.</param>
    /// <returns>Whether the text is a time to live.</returns>
    public static bool TryParseTimeToLive(string? text, out TimeSpan timeToLive)
    {
        if (text is not null && text.AsSpan().Trim().Equals("never", StringComparison.OrdinalIgnoreCase))
        {
            timeToLive = Timeout.InfiniteTimeSpan;
            return true;
        }

        bool isTimeToLive = TryParse(text, out timeToLive) && timeToLive > TimeSpan.Zero;
        timeToLive = isTimeToLive ? timeToLive : default;
        return isTimeToLive;
    }

    private static bool TryParseUnits(ReadOnlySpan<char> rest, out TimeSpan duration)
    {
        duration = default;
        TimeSpan total = default;
        while (!rest.IsEmpty)
        {
            int numberEnd = rest.IndexOfAnyExcept("0123456789.");
            if (numberEnd <= 0 || !TryNumber(rest[..numberEnd], out decimal number))
            {
                return false;
            }

            rest = rest[numberEnd..];
            int unitEnd = rest.IndexOfAny("0123456789.");
            ReadOnlySpan<char> unit = unitEnd < 0 ? rest : rest[..unitEnd];
            decimal? ticks = unit switch
            {
                "ns" => TicksPerNanosecond,

                // The micro sign and the Greek letter look the same, and Go reads both.
                "us" or "\u00b5s" or "\u03bcs" => TimeSpan.TicksPerMicrosecond,
                "ms" => TimeSpan.TicksPerMillisecond,
                "s" => TimeSpan.TicksPerSecond,
                "m" => TimeSpan.TicksPerMinute,
                "h" => TimeSpan.TicksPerHour,
                "d" => TimeSpan.TicksPerDay,
                _ => null,
            };
            if (ticks is null || !TryAdd(number, ticks.Value, ref total))
            {
                return false;
            }

            rest = unitEnd < 0 ? default : rest[unitEnd..];
        }

        duration = total;
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);

    private static bool TryAdd(decimal number, decimal ticks, ref TimeSpan total)
    {
        if (number > long.MaxValue / ticks)
        {
            return false;
        }

        decimal sum = total.Ticks + Math.Ceiling(number * ticks);
        bool fits = sum <= long.MaxValue;
        total = fits ? TimeSpan.FromTicks((long)sum) : total;
        return fits;
    }
}
