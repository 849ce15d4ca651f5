using System.Diagnostics.CodeAnalysis;

namespace NatsKv.Testing.Locating;

/// <summary>Reads versions out of the texts that carry them. Pure.</summary>
internal static class ServerVersionText
{
    /// <summary>Reads <c>nats-server: v2.15.1</c>, which is what <c>nats-server --version</c> prints.</summary>
    public static bool TryParseOutput(string output, [NotNullWhen(true)] out Version? version)
    {
        const string Prefix = "nats-server:";
        string text = output.Trim();
        version = null;
        return text.StartsWith(Prefix, StringComparison.Ordinal) && TryParse(text[Prefix.Length..].Trim(), out version);
    }

    /// <summary>Reads <c>2.15.1</c>, <c>v2.15.1</c> or <c>v2.12.0-RC.1</c>; what follows a dash is ignored.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Version? version)
    {
        ReadOnlySpan<char> digits = text.AsSpan().TrimStart('v');
        int dash = digits.IndexOf('-');
        return Version.TryParse(dash < 0 ? digits : digits[..dash], out version);
    }
}
