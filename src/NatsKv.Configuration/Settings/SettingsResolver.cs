using System.Buffers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using NatsKv.Configuration.Mapping;

namespace NatsKv.Configuration.Settings;

/// <summary>Puts a source's settings together, the source's own before the section's before the defaults, and checks them.</summary>
internal static class SettingsResolver
{
    private const int MaxBucketLength = 252;

    private static readonly SearchValues<char> BucketCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    private static readonly SearchValues<char> KeyCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/_=.");

    /// <exception cref="ArgumentException">A setting is wrong; the message names it and says what it should be.</exception>
    public static ConfigurationSettings Resolve(NatsKvConfigurationSource source, IConfiguration earlier)
    {
        var section = new SettingsReader(earlier);
        NatsKvOptions connection = NatsKvOptionsResolver.Resolve(earlier, source.ConfigureConnection);
        TimeSpan reloadDelay = source.ReloadDelayOrNull ?? section.Time(nameof(source.ReloadDelay)) ?? NatsKvConfigurationSource.DefaultReloadDelay;
        TimeSpan maxReloadDelay =
            source.MaxReloadDelayOrNull ?? section.Time(nameof(source.MaxReloadDelay)) ?? NatsKvConfigurationSource.DefaultMaxReloadDelay;
        return new ConfigurationSettings
        {
            Bucket = CheckBucket(source.Bucket ?? section.Text(nameof(source.Bucket)) ?? NatsKvConfigurationSource.DefaultBucket),
            Map = new KeyMap(CheckPrefix(source.Prefix ?? section.Text(nameof(source.Prefix)))),
            Optional = source.OptionalOrNull ?? section.Flag(nameof(source.Optional)) ?? false,
            ReloadOnChange = source.ReloadOnChangeOrNull ?? section.Flag(nameof(source.ReloadOnChange)) ?? true,
            LoadTimeout = CheckTimeout(
                source.LoadTimeoutOrNull ?? section.Time(nameof(source.LoadTimeout)) ?? NatsKvConfigurationSource.DefaultLoadTimeout),
            ReloadDelay = CheckDelay(reloadDelay, nameof(source.ReloadDelay)),
            MaxReloadDelay = CheckDelay(maxReloadDelay, nameof(source.MaxReloadDelay)),
            IdleHeartbeat = source.IdleHeartbeat,
            ConnectionOptions = connection,
            Connection = new NatsKvConnectionSettings(connection),
            OnLoadException = source.OnLoadException,
            LoggerFactory = source.LoggerFactory ?? NullLoggerFactory.Instance,
            TimeProvider = source.TimeProvider ?? TimeProvider.System,
        };
    }

    private static string CheckBucket(string bucket) =>
        bucket.Length is > 0 and <= MaxBucketLength && !bucket.AsSpan().ContainsAnyExcept(BucketCharacters)
            ? bucket
            : throw new ArgumentException(
                $"'{bucket}' is not a bucket name. It takes 1 to {MaxBucketLength} letters, digits, '-' and '_'. "
                + $"Set it in AddNatsKv or in configuration '{NatsKvConfigurationSource.SectionName}:Bucket'.");

    private static string? CheckPrefix(string? prefix)
    {
        if (string.IsNullOrEmpty(prefix))
        {
            return null;
        }

        bool legal = !prefix.AsSpan().ContainsAnyExcept(KeyCharacters)
            && !prefix.StartsWith('.')
            && !prefix.EndsWith('.')
            && !prefix.Contains("..", StringComparison.Ordinal);
        return legal
            ? prefix
            : throw new ArgumentException(
                $"'{prefix}' is not a key prefix. It takes letters, digits and '-/_=', with single dots between them, as in 'app.web'; the dot after it is understood.");
    }

    private static TimeSpan CheckTimeout(TimeSpan value) => value > TimeSpan.Zero && value.TotalMilliseconds <= int.MaxValue
        ? value
        : throw new ArgumentException($"LoadTimeout is {value}; it must be longer than zero and at most 24 days.");

    private static TimeSpan CheckDelay(TimeSpan value, string name) => value >= TimeSpan.Zero && value.TotalMilliseconds <= int.MaxValue
        ? value
        : throw new ArgumentException($"{name} is {value}; it must not be negative, and at most 24 days.");
}
