using System.Globalization;

namespace NatsKv.Connection;

/// <summary>One server's address, and the credentials that stood in it.</summary>
internal sealed record NatsUrl(string Host, int Port, bool Tls, string? User, string? Password, string? Token)
{
    private const int DefaultPort = 4222;

    /// <summary>Parses what a user wrote: <c>nats://user:password@host:4222</c>, <c>host</c>, or several separated by commas.</summary>
    public static IReadOnlyList<NatsUrl> ParseList(string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 0
            ? throw new ArgumentException($"The NATS URL is empty. Set it to something like '{NatsKvConnectionSettings.DefaultUrl}'.")
            : Array.ConvertAll(parts, part => Parse(part, text));
    }

    /// <summary>The text without its credentials, for messages, also when it is no URL at all.</summary>
    public static string Redact(string? text)
    {
        if (text is null)
        {
            return NatsKvConnectionSettings.DefaultUrl;
        }

        // Commas separate servers, but stand in passwords too: up to the last '@' before the next scheme, all may be credentials.
        IEnumerable<string> parts = text.Split("://").Select(static part => part[(part.LastIndexOf('@') + 1)..]);
        return string.Join("://", parts);
    }

    /// <summary>The same server, with the credentials to show it: those that are set apart from any URL, else its own, else the others'.</summary>
    public NatsUrl WithCredentials(string? user, string? password, string? token, NatsUrl others)
    {
        NatsUrl written = User is null && Token is null ? others : this;
        return this with { User = user ?? written.User, Password = password ?? written.Password, Token = token ?? written.Token };
    }

    /// <summary>The address without credentials.</summary>
    public override string ToString()
    {
        string host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        return string.Create(CultureInfo.InvariantCulture, $"{(Tls ? "tls" : "nats")}://{host}:{Port}");
    }

    // Messages show the whole list: a part alone may be half of a password, and not look like one.
    private static NatsUrl Parse(string text, string list)
    {
        string withScheme = text.Contains("://", StringComparison.Ordinal) ? text : "nats://" + text;
        if (!Uri.TryCreate(withScheme, UriKind.Absolute, out Uri? uri)
            || uri.Scheme is not ("nats" or "tls")
            || uri.Host.Length == 0
            || uri.AbsolutePath.Trim('/').Length > 0
            || uri.Query.Length + uri.Fragment.Length > 0)
        {
            throw new ArgumentException(
                $"'{Redact(list)}' is not a NATS URL. It should look like '{NatsKvConnectionSettings.DefaultUrl}' (or tls://…), several separated by commas.");
        }

        string[] credentials = uri.UserInfo.Split(':', 2);
        bool hasPassword = credentials.Length == 2;
        string first = Uri.UnescapeDataString(credentials[0]);
        return new NatsUrl(
            uri.Host.Trim('[', ']'),
            uri.Port > 0 ? uri.Port : DefaultPort,
            uri.Scheme == "tls",
            User: hasPassword ? first : null,
            Password: hasPassword ? Uri.UnescapeDataString(credentials[1]) : null,
            Token: !hasPassword && first.Length > 0 ? first : null);
    }
}
