namespace NatsKv.JetStream;

/// <summary>The servers' time stamps: RFC 3339 in UTC with up to nine decimals, trailing zeros left out (<c>2026-01-02T03:04:05.67Z</c>).</summary>
internal static class ServerTimestamp
{
    private const int WholeSeconds = 19;
    private const int TickDigits = 7;

    /// <summary>Reads a time stamp; what lies below 100 ns is cut off.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length < WholeSeconds + 1 || text[^1] != (byte)'Z'
            || text[4] != (byte)'-' || text[7] != (byte)'-' || text[10] != (byte)'T' || text[13] != (byte)':' || text[16] != (byte)':'
            || !TryNumber(text[..4], out int year)
            || !TryNumber(text[5..7], out int month)
            || !TryNumber(text[8..10], out int day)
            || !TryNumber(text[11..13], out int hour)
            || !TryNumber(text[14..16], out int minute)
            || !TryNumber(text[17..19], out int second)
            || !TryTicks(text[WholeSeconds..^1], out long ticks)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        time = new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero).AddTicks(ticks);
        return true;
    }

    private static bool TryTicks(ReadOnlySpan<byte> fraction, out long ticks)
    {
        ticks = 0;
        if (fraction.IsEmpty)
        {
            return true;
        }

        if (fraction[0] != (byte)'.' || fraction.Length < 2)
        {
            return false;
        }

        fraction = fraction[1..];
        int digits = Math.Min(fraction.Length, TickDigits);
        if (!TryNumber(fraction[..digits], out int number) || fraction[digits..].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }

        ticks = number;
        for (; digits < TickDigits; digits++)
        {
            ticks *= 10;
        }

        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out int number)
    {
        // Digit by digit: every read has six of these, and the general parser takes signs too.
        number = 0;
        foreach (byte digit in digits)
        {
            int value = digit - '0';
            if ((uint)value > 9)
            {
                return false;
            }

            number = (number * 10) + value;
        }

        return true;
    }
}
