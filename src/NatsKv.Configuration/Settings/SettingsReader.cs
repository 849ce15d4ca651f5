using Microsoft.Extensions.Configuration;

namespace NatsKv.Configuration.Settings;

/// <summary>
/// The values of section <c>NatsKv:Configuration</c>, without any that came out of a bucket: whoever may write a bucket must not choose what
/// the hosts that read it read next.
/// </summary>
internal sealed class SettingsReader(IConfiguration? configuration)
{
    public string? Text(string name)
    {
        string? value = configuration is IConfigurationRoot root ? Find(root.Providers, KeyOf(name)) : configuration?[KeyOf(name)];
        return string.IsNullOrEmpty(value) ? null : value;
    }

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

    private static string? Find(IEnumerable<IConfigurationProvider> providers, string key)
    {
        foreach (IConfigurationProvider provider in providers.Reverse())
        {
            string? value = null;
            if (provider is ChainedConfigurationProvider { Configuration: IConfigurationRoot inner })
            {
                value = Find(inner.Providers, key);
            }
            else if (provider is not INatsKvClientSource && provider.TryGet(key, out string? own))
            {
                value = own;
            }

            if (!string.IsNullOrEmpty(value))
            {
                return value;
            }
        }

        return null;
    }
}
