using Microsoft.Extensions.Configuration;
using NatsKv.Configuration.Settings;
using NatsKv.Configuration.Tests.Fakes;

namespace NatsKv.Configuration.Tests.Settings;

public sealed class SettingsResolverTests
{
    [Fact]
    public void Resolve_NothingSet_TakesTheDefaults()
    {
        ConfigurationSettings settings = Resolve(new NatsKvConfigurationSource());
        Assert.Equal("config", settings.Bucket);
        Assert.Equal(">", settings.Map.Filter);
        Assert.False(settings.Optional);
        Assert.True(settings.ReloadOnChange);
        Assert.Equal(TimeSpan.FromSeconds(10), settings.LoadTimeout);
        Assert.Equal(TimeSpan.FromMilliseconds(50), settings.ReloadDelay);
        Assert.Equal(TimeSpan.FromMilliseconds(500), settings.MaxReloadDelay);
        Assert.Equal("nats://localhost:4222", settings.Connection.Url);
    }

    [Fact]
    public void Resolve_Section_IsTaken()
    {
        ConfigurationSettings settings = Resolve(
            new NatsKvConfigurationSource(),
            ("Bucket", "from-section"),
            ("Prefix", "app.web"),
            ("Optional", "true"),
            ("ReloadOnChange", "False"),
            ("LoadTimeout", "3s"),
            ("ReloadDelay", "00:00:00.2"),
            ("MaxReloadDelay", "1.5s"));
        Assert.Equal("from-section", settings.Bucket);
        Assert.Equal("app.web.>", settings.Map.Filter);
        Assert.True(settings.Optional);
        Assert.False(settings.ReloadOnChange);
        Assert.Equal(TimeSpan.FromSeconds(3), settings.LoadTimeout);
        Assert.Equal(TimeSpan.FromMilliseconds(200), settings.ReloadDelay);
        Assert.Equal(TimeSpan.FromMilliseconds(1500), settings.MaxReloadDelay);
    }

    [Fact]
    public void Resolve_OwnSettings_WinOverTheSection()
    {
        var source = new NatsKvConfigurationSource
        {
            Bucket = "own",
            Prefix = "",
            Optional = false,
            ReloadOnChange = true,
            LoadTimeout = TimeSpan.FromSeconds(1),
            ReloadDelay = TimeSpan.Zero,
            MaxReloadDelay = TimeSpan.Zero,
            ConfigureConnection = static options => options.Url = "nats://own:1",
        };
        ConfigurationSettings settings = Resolve(
            source,
            ("Bucket", "x"), ("Prefix", "x"), ("Optional", "true"), ("ReloadOnChange", "false"), ("LoadTimeout", "9s"), ("ReloadDelay", "9s"), ("MaxReloadDelay", "9s"));
        Assert.Equal("own", settings.Bucket);
        Assert.Equal(">", settings.Map.Filter);
        Assert.False(settings.Optional);
        Assert.True(settings.ReloadOnChange);
        Assert.Equal(TimeSpan.FromSeconds(1), settings.LoadTimeout);
        Assert.Equal(TimeSpan.Zero, settings.ReloadDelay);
        Assert.Equal(TimeSpan.Zero, settings.MaxReloadDelay);
        Assert.Equal("nats://own:1", settings.Connection.Url);
    }

    [Theory]
    [InlineData("Bucket", "my bucket", "'my bucket' is not a bucket name")]
    [InlineData("Bucket", "a.b", "is not a bucket name")]
    [InlineData("Bucket", "a>", "is not a bucket name")]
    [InlineData("Bucket", "a\r\nPUB x 0", "is not a bucket name")]
    [InlineData("Prefix", "app.", "the dot after it is understood")]
    [InlineData("Prefix", ".app", "is not a key prefix")]
    [InlineData("Prefix", "a..b", "is not a key prefix")]
    [InlineData("Prefix", "app.>", "is not a key prefix")]
    [InlineData("Prefix", "app.*", "is not a key prefix")]
    [InlineData("Prefix", "App:Web", "is not a key prefix")]
    [InlineData("Optional", "yes", "NatsKv:Configuration:Optional")]
    [InlineData("LoadTimeout", "soon", "NatsKv:Configuration:LoadTimeout")]
    [InlineData("LoadTimeout", "0", "LoadTimeout")]
    [InlineData("LoadTimeout", "30d", "LoadTimeout")]
    [InlineData("ReloadDelay", "-00:00:01", "ReloadDelay")]
    [InlineData("MaxReloadDelay", "30d", "MaxReloadDelay")]
    public void Resolve_WrongSetting_IsNamed(string name, string value, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => Resolve(new NatsKvConfigurationSource(), (name, value))).Message, StringComparison.Ordinal);

    [Fact]
    public void Build_LongestBucketName_IsTaken()
    {
        Assert.Equal(252, Resolve(new NatsKvConfigurationSource { Bucket = new string('b', 252) }).Bucket.Length);
        Assert.Throws<ArgumentException>(() => Resolve(new NatsKvConfigurationSource { Bucket = new string('b', 253) }));
    }

    [Fact]
    public void Build_WrongUrl_FailsBeforeAnythingIsSent()
    {
        var server = new FakeServer();
        ArgumentException error = Assert.Throws<ArgumentException>(() => new ConfigurationBuilder()
            .AddFake(server, static source => source.ConfigureConnection = static options => options.Url = "http://user:secret@host")
            .Build());
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.ClientsMade);
    }

    [Fact]
    public void ToString_Provider_ShowsBucketFilterAndPolicyButNoCredentials()
    {
        using var provider = (NatsKvConfigurationProvider)new NatsKvConfigurationSource
        {
            Bucket = "b1",
            Prefix = "app",
            Optional = true,
            ConfigureConnection = static options => options.Url = "nats://user:secret@host:4222",
        }.Build(new ConfigurationBuilder());
        Assert.Equal("NatsKvConfigurationProvider for bucket 'b1', keys 'app.>' (Optional)", provider.ToString());
        Assert.Equal("nats://host:4222", provider.ConnectionSettings.Url);
    }

    private static ConfigurationSettings Resolve(NatsKvConfigurationSource source, params (string Name, string Value)[] section) => SettingsResolver.Resolve(
        source,
        new ConfigurationBuilder()
            .AddInMemoryCollection(section.Select(static pair => new KeyValuePair<string, string?>($"NatsKv:Configuration:{pair.Name}", pair.Value)))
            .Build());
}
