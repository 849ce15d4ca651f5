namespace NatsKv.Configuration.Mapping;

/// <summary>The latest good value of one bucket key. Keys that mean the same configuration key form a list, newest first.</summary>
internal sealed class ViewEntry(string key, string configurationKey)
{
    public string Key { get; } = key;

    public string ConfigurationKey { get; } = configurationKey;

    public string Value { get; set; } = "";

    public ulong Revision { get; set; }

    /// <summary>The next older key that means the same configuration key; it is hidden.</summary>
    public ViewEntry? Older { get; set; }
}
