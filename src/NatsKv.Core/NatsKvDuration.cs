using System.Globalization;

namespace NatsKv;

/// <summary>Durations as people write them.</summary>
public static class NatsKvDuration
{
    /// <summary>
    /// Reads <c>500ms</c>, <c>2s</c>, <c>1.5h</c>, <c>1h30m</c> (Go's notation, which the NATS tools use), a bare number of seconds, or .NET's
    /// <c>00:00:05</c>.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">The duration, when the text is one.</param>
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

        return TryNumber(text, out double seconds) ? TryFromSeconds(seconds, out duration) : TryParseUnits(text, out duration);
    }

    private static bool TryParseUnits(ReadOnlySpan<char> rest, out TimeSpan duration)
    {
        duration = default;
        double total = 0;
        while (!rest.IsEmpty)
        {
            int numberEnd = rest.IndexOfAnyExcept("0123456789.");
            if (numberEnd <= 0 || !TryNumber(rest[..numberEnd], out double number))
            {
                return false;
            }

            rest = rest[numberEnd..];
            int unitEnd = rest.IndexOfAny("0123456789.");
            ReadOnlySpan<char> unit = unitEnd < 0 ? rest : rest[..unitEnd];
            double? factor = unit switch
            {
                "ms" => 0.001,
                "s" => 1,
                "m" => 60,
                "h" => 3600,
                "d" => 86400,
                _ => null,
            };
            if (factor is null)
            {
                return false;
            }

            total += number * factor.Value;
            rest = unitEnd < 0 ? default : rest[unitEnd..];
        }

        return TryFromSeconds(total, out duration);
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out double number) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);

    private static bool TryFromSeconds(double seconds, out TimeSpan duration)
    {
        // Numbers include what only looks like one: '-Infinity'.
        bool fits = seconds >= 0 && seconds <= TimeSpan.MaxValue.TotalSeconds;
        duration = fits ? TimeSpan.FromSeconds(seconds) : default;
        return fits;
    }
}
