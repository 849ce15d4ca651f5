using NatsKv.Testing.Locating;

namespace NatsKv.Testing.Tests.Locating;

public sealed class AptSourcesTests
{
    private const string Deb822 =
        """
        Types: deb
        # a comment
        URIs: https://tools.example/apt
        Suites: nodistro
        Components: main
         
        Types: deb deb-src
        URIs:
         http://mirror.example/debian
         http://other.example/debian
        Suites: bookworm bookworm-updates
        Components: main contrib
        Signed-By: /usr/share/keyrings/some.gpg

        Types: deb
        URIs: http://mirror.example/debian-security
        Suites: bookworm-security
        Components: main
        """;

    [Fact]
    public void TryFindDebian_Deb822_TakesTheStanzaWithADebianSuite() =>
        Assert.Equal(new AptArchive("http://mirror.example/debian", "/usr/share/keyrings/some.gpg"), AptSources.TryFindDebian(Deb822, deb822: true));

    [Theory]
    [InlineData("Types: deb\nURIs: http://m.example/debian\nSuites: trixie\nComponents: main\nEnabled: no")]
    [InlineData("Types: deb-src\nURIs: http://m.example/debian\nSuites: trixie\nComponents: main")]
    [InlineData("Types: deb\nURIs: http://m.example/debian\nSuites: trixie\nComponents: contrib")]
    [InlineData("Types: deb\nURIs: http://m.example/ubuntu\nSuites: noble\nComponents: main")]
    [InlineData("Types: deb\nURIs: cdrom:[Debian]/\nSuites: trixie\nComponents: main")]
    [InlineData("")]
    public void TryFindDebian_Deb822WithoutDebian_FindsNothing(string text) => Assert.Null(AptSources.TryFindDebian(text, deb822: true));

    [Fact]
    public void TryFindDebian_Deb822WithInlineKey_NamesNoKeyring() =>
        Assert.Equal(
            new AptArchive("http://m.example/debian", null),
            AptSources.TryFindDebian(
                "\n \t\ntypes: deb\r\nuris: http://m.example/debian\r\nsuites: sid\r\ncomponents: main\r\nsigned-by:\r\n -----BEGIN PGP PUBLIC KEY BLOCK-----\r\n .\r\n", deb822: true));

    [Theory]
    [InlineData("deb http://m.example/debian bookworm main contrib # x", "http://m.example/debian", null)]
    [InlineData("deb [arch=amd64 signed-by=/k/d.gpg] http://m.example/debian stable main", "http://m.example/debian", "/k/d.gpg")]
    [InlineData("deb\thttp://m.example/debian\tsid\tmain", "http://m.example/debian", null)]
    [InlineData("# deb http://m.example/debian bookworm main\ndeb-src http://m.example/debian bookworm main", null, null)]
    [InlineData("deb http://m.example/debian-security bookworm-security main", null, null)]
    [InlineData("deb http://m.example/debian bookworm contrib", null, null)]
    [InlineData("deb http://m.example/ubuntu noble main", null, null)]
    [InlineData("deb [broken", null, null)]
    public void TryFindDebian_OneLineFormat_TakesTheDebianArchive(string text, string? uri, string? keyring) =>
        Assert.Equal(uri is null ? null : new AptArchive(uri, keyring), AptSources.TryFindDebian(text, deb822: false));
}
