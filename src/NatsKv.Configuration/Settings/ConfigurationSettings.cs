using Microsoft.Extensions.Logging;
using NatsKv.Configuration.Mapping;

namespace NatsKv.Configuration.Settings;

/// <summary>The validated, unchanging settings of one source.</summary>
internal sealed record ConfigurationSettings
{
    public required string Bucket { get; init; }

    public required KeyMap Map { get; init; }

    public required bool Optional { get; init; }

    public required bool ReloadOnChange { get; init; }

    public required TimeSpan LoadTimeout { get; init; }

    public required TimeSpan ReloadDelay { get; init; }

    public required TimeSpan MaxReloadDelay { get; init; }

    public required TimeSpan IdleHeartbeat { get; init; }

    public required NatsKvOptions ConnectionOptions { get; init; }

    public required NatsKvConnectionSettings Connection { get; init; }

    public required Action<NatsKvLoadExceptionContext>? OnLoadException { get; init; }

    public required ILoggerFactory LoggerFactory { get; init; }

    public required TimeProvider TimeProvider { get; init; }
}
