using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace NatsKv;

/// <summary>Makes the host's client, or adopts the one that the configuration source has open already: one host, one connection.</summary>
internal sealed partial class NatsKvClientFactory(
    IConfiguration? configuration, IEnumerable<NatsKvConfigureOptions> configure, ILoggerFactory? loggerFactory, TimeProvider? timeProvider)
{
    public INatsKvClient Create()
    {
        NatsKvConfigureOptions[] explicitOptions = [.. configure];
        INatsKvClientSource[] sources = [.. ClientSources.In(configuration)];
        if (explicitOptions.Length == 0 && sources.Length > 0)
        {
            return OnlyOne(sources).ShareClient();
        }

        NatsKvOptions options = NatsKvOptionsResolver.Resolve(configuration, all => Array.ForEach(explicitOptions, one => one.Configure(all)));
        var settings = new NatsKvConnectionSettings(options);
        if (Array.Find(sources, source => source.ConnectionSettings.DifferencesFrom(settings).Count == 0) is { } same)
        {
            return same.ShareClient();
        }

        if (sources.Length > 0)
        {
            ILogger logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("NatsKv");
            IReadOnlyList<string> differences = sources[0].ConnectionSettings.DifferencesFrom(settings);
            LogSecondConnection(logger, differences.Count > 0 ? string.Join(", ", differences) : nameof(options.TransportFactory));
        }

        return new NatsKvClient(options, loggerFactory, timeProvider);
    }

    private static INatsKvClientSource OnlyOne(INatsKvClientSource[] sources)
    {
        foreach (INatsKvClientSource other in sources[1..])
        {
            IReadOnlyList<string> differences = sources[0].ConnectionSettings.DifferencesFrom(other.ConnectionSettings);
            if (differences.Count > 0)
            {
                throw new InvalidOperationException(
                    $"The host has several configuration sources on NATS whose connections differ ({string.Join(", ", differences)}), so it isn't clear which one"
                    + " AddNatsKv shares. Say so with AddNatsKv(options => …).");
            }
        }

        return sources[0];
    }

    [LoggerMessage(1, LogLevel.Warning, "AddNatsKv makes a second connection to NATS, because its settings differ from the configuration source's in: {Differences}")]
    private static partial void LogSecondConnection(ILogger logger, string differences);
}
