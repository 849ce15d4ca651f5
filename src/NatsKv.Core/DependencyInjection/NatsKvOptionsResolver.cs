using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace NatsKv;

/// <summary>Puts connection options together from where users have them.</summary>
public static class NatsKvOptionsResolver
{
    /// <summary>The configuration section that holds the options, <c>NatsKv</c>.</summary>
    public const string SectionName = "NatsKv";

    /// <summary>
    /// Takes, from the weakest to the strongest: the defaults, <c>ConnectionStrings:nats</c>, section <c>NatsKv</c>,
    /// <paramref name="configure"/>. Values that come out of a bucket are passed over.
    /// </summary>
    /// <param name="configuration">The configuration, if there is any.</param>
    /// <param name="configure">The application's own settings.</param>
    /// <returns>The options.</returns>
    /// <exception cref="ArgumentException">A value in the configuration can't be read; the message names it.</exception>
    public static NatsKvOptions Resolve(IConfiguration? configuration, Action<NatsKvOptions>? configure)
    {
        var options = new NatsKvOptions();
        if (configuration is not null)
        {
            var trusted = new TrustedConfiguration(configuration);
            options.Url = trusted["ConnectionStrings:nats"] is { Length: > 0 } url ? url : null;
            ApplySection(options, trusted);
        }

        configure?.Invoke(options);
        return options;
    }

    private static void ApplySection(NatsKvOptions options, TrustedConfiguration configuration)
    {
        options.Url = Text(nameof(options.Url)) ?? options.Url;
        options.User = Text(nameof(options.User));
        options.Password = Text(nameof(options.Password));
        options.Token = Text(nameof(options.Token));
        options.ClientName = Text(nameof(options.ClientName));
        options.JetStreamDomain = Text(nameof(options.JetStreamDomain));
        options.ApiPrefix = Text(nameof(options.ApiPrefix));
        options.RequestTimeout = Time(nameof(options.RequestTimeout)) ?? options.RequestTimeout;
        options.ConnectTimeout = Time(nameof(options.ConnectTimeout)) ?? options.ConnectTimeout;
        options.MaxReconnectDelay = Time(nameof(options.MaxReconnectDelay)) ?? options.MaxReconnectDelay;
        options.PingInterval = Time(nameof(options.PingInterval)) ?? options.PingInterval;

        string? Text(string name) => configuration[$"{SectionName}:{name}"];

        TimeSpan? Time(string name)
        {
            string? text = Text(name);
            return text is null ? null
                : NatsKvDuration.TryParse(text, out TimeSpan time) ? time
                : throw new ArgumentException(
                    string.Create(CultureInfo.InvariantCulture, $"'{text}' in configuration '{SectionName}:{name}' is not a duration. Write it like '00:00:05' or '5s'."));
        }
    }
}
