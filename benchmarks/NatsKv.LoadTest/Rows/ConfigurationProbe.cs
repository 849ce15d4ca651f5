using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace NatsKv.LoadTest.Rows;

/// <summary>A configuration from a bucket, which says when a value has arrived.</summary>
internal sealed class ConfigurationProbe : IDisposable
{
    private const string Setting = "Probe:Number";

    private readonly IConfigurationRoot _root;
    private readonly IDisposable _registration;
    private readonly Lock _gate = new();
    private string? _awaited;
    private CountdownEvent? _missing;

    public ConfigurationProbe(string url, string bucket)
    {
        _root = new ConfigurationBuilder().AddNatsKv(source =>
        {
            source.Bucket = bucket;
            source.ReloadDelay = TimeSpan.Zero;
            source.ConfigureConnection = options => options.Url = url;
        }).Build();
        _registration = ChangeToken.OnChange(_root.GetReloadToken, OnReload);
    }

    /// <summary>When the awaited value was seen last.</summary>
    public long SeenAt { get; private set; }

    /// <summary>Signals once, when the value is there.</summary>
    public void Await(string value, CountdownEvent missing)
    {
        lock (_gate)
        {
            (_awaited, _missing) = (value, missing);
        }
    }

    public void Dispose()
    {
        _registration.Dispose();
        (_root as IDisposable)?.Dispose();
    }

    private void OnReload()
    {
        lock (_gate)
        {
            if (_missing is { } missing && _root[Setting] == _awaited)
            {
                SeenAt = Stopwatch.GetTimestamp();
                _missing = null;
                missing.Signal();
            }
        }
    }
}
