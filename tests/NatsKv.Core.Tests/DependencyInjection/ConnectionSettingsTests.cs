namespace NatsKv.Tests.DependencyInjection;

public sealed class ConnectionSettingsTests
{
    private const string Secret = "s3cret";

    [Fact]
    public void Defaults_AreTheDocumentedOnes()
    {
        var settings = new NatsKvConnectionSettings(new NatsKvOptions());

        Assert.Equal(
            ("nats://localhost:4222", TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20)),
            (settings.Url, settings.RequestTimeout, settings.ConnectTimeout, settings.MaxReconnectDelay, settings.PingInterval));
    }

    public static TheoryData<string, NatsKvOptions> Differences => new()
    {
        { "Url", With(static o => o.Url = "nats://b") },
        { "User,Password", With(static o => (o.User, o.Password) = ("u", "p")) },
        { "Password", With(static o => o.Password = "p") },
        { "Token", With(static o => o.Token = "t") },
        { "ClientName", With(static o => o.ClientName = "other") },
        { "RequestTimeout", With(static o => o.RequestTimeout = TimeSpan.FromSeconds(1)) },
        { "ConnectTimeout", With(static o => o.ConnectTimeout = TimeSpan.FromSeconds(1)) },
        { "MaxReconnectDelay", With(static o => o.MaxReconnectDelay = TimeSpan.FromSeconds(1)) },
        { "PingInterval", With(static o => o.PingInterval = TimeSpan.FromSeconds(1)) },
        { "JetStreamDomain", With(static o => o.JetStreamDomain = "hub") },
        { "ApiPrefix", With(static o => o.ApiPrefix = "fromA") },
        { "Url", With(static o => o.Url = "nats://a,nats://b") },
        { "Url,User,Password", With(static o => o.Url = "nats://a,nats://u:p@b") },
        { "", With(static o => o.Url = "a:4222") },
    };

    [Theory]
    [MemberData(nameof(Differences))]
    public void DifferencesFrom_OneChange_NamesItBothWays(string names, NatsKvOptions other)
    {
        var plain = new NatsKvConnectionSettings(With(static _ => { }));
        var changed = new NatsKvConnectionSettings(other);

        Assert.Equal(names, string.Join(',', plain.DifferencesFrom(changed)));
        Assert.Equal(names, string.Join(',', changed.DifferencesFrom(plain)));
    }

    [Fact]
    public void Credentials_InOptionsAndUrl_AreTheSame() => Assert.Empty(
        new NatsKvConnectionSettings(new NatsKvOptions { Url = "nats://u:p@a" })
            .DifferencesFrom(new NatsKvConnectionSettings(new NatsKvOptions { Url = "nats://a", User = "u", Password = "p" })));

    [Theory]
    [InlineData("nats://u:p@a,nats://v:q@b,nats://c", null, "u/p v/q u/p")]
    [InlineData("nats://t@a,nats://v:q@b", null, "t v/q")]
    [InlineData("nats://a,nats://v:q@b", null, "/ v/q")]
    [InlineData("nats://u:p@a,nats://v:q@b", "w", "w/p w/q")]
    public void Servers_AreShownTheirOwnCredentialsElseTheFirstOnes_AndThoseOfTheOptionsFirst(string url, string? user, string expected)
    {
        var settings = new NatsKvConnectionSettings(new NatsKvOptions { Url = url, User = user });

        Assert.Equal(expected, string.Join(' ', settings.Servers.Select(static server => server.Token ?? $"{server.User}/{server.Password}")));
    }

    [Fact]
    public void LaterChangesOfTheOptions_HaveNoEffect()
    {
        var options = new NatsKvOptions { Url = "nats://a" };
        var settings = new NatsKvConnectionSettings(options);

        options.Url = "nats://b";

        Assert.Equal("nats://a:4222", settings.Url);
    }

    [Fact]
    public void UserAndToken_AreRefused() =>
        Assert.Contains("not both", Refused(static o => (o.User, o.Token) = ("u", Secret)).Message, StringComparison.Ordinal);

    [Fact]
    public void TimesThatNoTimerTakes_AreRefusedByName()
    {
        foreach (TimeSpan time in new[] { TimeSpan.Zero, TimeSpan.FromSeconds(-1), Timeout.InfiniteTimeSpan, TimeSpan.FromDays(50), TimeSpan.MaxValue })
        {
            Assert.Contains("NatsKvOptions.RequestTimeout is", Refused(o => o.RequestTimeout = time).Message, StringComparison.Ordinal);
            Assert.Contains("NatsKvOptions.ConnectTimeout is", Refused(o => o.ConnectTimeout = time).Message, StringComparison.Ordinal);
            Assert.Contains("NatsKvOptions.MaxReconnectDelay is", Refused(o => o.MaxReconnectDelay = time).Message, StringComparison.Ordinal);
            Assert.Contains("NatsKvOptions.PingInterval is", Refused(o => o.PingInterval = time).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Secrets_AreInNoText()
    {
        var inUrl = new NatsKvOptions { Url = $"nats://user:{Secret}@host,nats://{Secret}@other" };
        var inOptions = new NatsKvOptions { Url = "nats://host", User = "user", Password = Secret };
        var withToken = new NatsKvOptions { Url = "nats://host", Token = Secret };
        foreach (NatsKvOptions options in new[] { inUrl, inOptions, withToken })
        {
            var settings = new NatsKvConnectionSettings(options);
            string[] texts = [$"{options}", $"{settings}", settings.Url, string.Join(',', settings.DifferencesFrom(new NatsKvConnectionSettings(new NatsKvOptions())))];

            Assert.All(texts, static text => Assert.DoesNotContain(Secret, text, StringComparison.Ordinal));
        }
    }

    private static ArgumentException Refused(Action<NatsKvOptions> change)
    {
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => new NatsKvConnectionSettings(With(change)));
        Assert.DoesNotContain(Secret, thrown.ToString(), StringComparison.Ordinal);
        return thrown;
    }

    private static NatsKvOptions With(Action<NatsKvOptions> change)
    {
        var options = new NatsKvOptions { Url = "nats://a", ClientName = "app" };
        change(options);
        return options;
    }
}
