namespace WorkerSample.Hosting;

/// <summary>One value that a reload has changed; <see langword="null"/> stands for not being there.</summary>
internal sealed record ConfigurationChange(string Key, string? Before, string? After)
{
    public override string ToString() => $"{Key}: {Before ?? "(none)"} -> {After ?? "(none)"}";
}
