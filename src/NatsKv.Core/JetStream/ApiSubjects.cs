namespace NatsKv.JetStream;

/// <summary>Where JetStream's API is.</summary>
internal static class ApiSubjects
{
    private const int LongestPrefix = 200;
    private const int LongestDomain = 64;

    /// <summary>What the API's subjects begin with, the closing dot included.</summary>
    /// <exception cref="ArgumentException">A setting is wrong, or two exclude each other.</exception>
    public static string PrefixOf(NatsKvOptions options)
    {
        if (options is { JetStreamDomain: not null, ApiPrefix: not null })
        {
            throw new ArgumentException(
                $"Both a JetStream domain and an API prefix are set for the NATS connection. Set NatsKvOptions.{nameof(options.JetStreamDomain)} or {nameof(options.ApiPrefix)}, not both.");
        }

        if (options.JetStreamDomain is { } domain)
        {
            return domain.Length <= LongestDomain && IsToken(domain)
                ? $"$JS.{domain}.API."
                : throw new ArgumentException(
                    $"NatsKvOptions.{nameof(options.JetStreamDomain)} is no name of a domain: it must be 1 to {LongestDomain} characters without dots, spaces and wildcards.");
        }

        if (options.ApiPrefix is not { } prefix)
        {
            return JetStreamApi.DefaultPrefix;
        }

        string name = prefix.EndsWith('.') ? prefix[..^1] : prefix;
        return name.Length <= LongestPrefix && name.Split('.').All(IsToken)
            ? name + "."
            : throw new ArgumentException(
                $"NatsKvOptions.{nameof(options.ApiPrefix)} can't begin a subject: it must be 1 to {LongestPrefix} characters in tokens without spaces and wildcards, like 'fromA' or '$JS.hub.API'.");
    }

    private static bool IsToken(string text) => text.Length > 0 && text.All(static c => c is > ' ' and < '\x7f' and not ('.' or '*' or '>'));
}
