using Microsoft.Extensions.Configuration;

namespace NatsKv.Configuration.Settings;

/// <summary>
/// The values of section <c>NatsKv:Configuration</c>, without any that came out of a bucket: whoever may write a bucket must not choose what
/// the hosts that read it read next.
/// </summary>
internal sealed class SettingsReader(IConfiguration? configuration)
{
    private readonly TrustedConfiguration? _trusted = configuration is null ? null : new TrustedConfiguration(configuration);

    public string? Text(string name) => _trusted?[KeyOf(name)];

    public bool? Flag(string name)
    {
        string? text = Text(name);
        return text is null ? null
            : bool.TryParse(text, out bool value) ? value
            : throw new ArgumentException($"'{text}' in configuration '{KeyOf(name)}' is neither 'true' nor 'false'.");
    }

    public TimeSpan? Time(string name)
    {
        string? text = Text(name);
        return text is null ? null
            : NatsKvDuration.TryParse(text, out TimeSpan value) ? value
            : throw new ArgumentException($"'{text}' in configuration '{KeyOf(name)}' is not a duration. Write it like '00:00:05' or '5s'.");
    }

    private static string KeyOf(string name) => $"{NatsKvConfigurationSource.SectionName}:{name}";
}
