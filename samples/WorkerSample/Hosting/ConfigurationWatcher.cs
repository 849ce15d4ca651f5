using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace WorkerSample.Hosting;

/// <summary>Compares the configuration before and after each reload, for the keys that a person would want to see.</summary>
internal sealed class ConfigurationWatcher : IDisposable
{
    private static readonly string[] Sections = ["FeatureManagement", "Greeting"];

    private readonly IConfiguration _configuration;
    private readonly IDisposable _registration;
    private Dictionary<string, string?> _last;

    public ConfigurationWatcher(IConfiguration configuration, Action<IReadOnlyList<ConfigurationChange>> onChanged)
    {
        _configuration = configuration;
        _last = Read();
        _registration = ChangeToken.OnChange(configuration.GetReloadToken, () =>
        {
            ConfigurationChange[] changes = Compare();
            if (changes.Length > 0)
            {
                onChanged(changes);
            }
        });
    }

    public void Dispose() => _registration.Dispose();

    private ConfigurationChange[] Compare()
    {
        Dictionary<string, string?> before = _last;
        Dictionary<string, string?> now = _last = Read();
        return [.. before.Keys.Union(now.Keys, StringComparer.OrdinalIgnoreCase)
            .Select(key => new ConfigurationChange(key, before.GetValueOrDefault(key), now.GetValueOrDefault(key)))
            .Where(static change => change.Before != change.After)
            .OrderBy(static change => change.Key, StringComparer.Ordinal)];
    }

    private Dictionary<string, string?> Read() => Sections
        .SelectMany(section => _configuration.GetSection(section).AsEnumerable())
        .Where(static pair => pair.Value is not null)
        .ToDictionary(static pair => pair.Key, static pair => pair.Value, StringComparer.OrdinalIgnoreCase);
}
