using System.Runtime.InteropServices;
using NatsKv.Testing.Locating;

namespace NatsKv.Testing.Tests.Locating;

public sealed class GitHubReleaseTests
{
    private static readonly string Sum1 = new('1', 64);
    private static readonly string Sum2 = new('A', 64);

    [Theory]
    [InlineData("LINUX", Architecture.X64, "-linux-amd64.zip")]
    [InlineData("LINUX", Architecture.Arm64, "-linux-arm64.zip")]
    [InlineData("OSX", Architecture.Arm64, "-darwin-arm64.zip")]
    [InlineData("WINDOWS", Architecture.X64, "-windows-amd64.zip")]
    [InlineData("LINUX", Architecture.Wasm, null)]
    [InlineData("BEOS", Architecture.X64, null)]
    public void AssetSuffix_Platform_NamesItsAsset(string platform, Architecture architecture, string? expected) =>
        Assert.Equal(expected, GitHubRelease.AssetSuffix(OSPlatform.Create(platform), architecture));

    [Theory]
    [InlineData("  ")]
    [InlineData(" *")]
    public void FindAsset_Listed_GivesNameAndChecksum(string separator)
    {
        string checksums = $"{Sum1}{separator}nats-server-v2.12.3-linux-amd64.tar.gz\r\n{Sum2}{separator}nats-server-v2.12.3-linux-amd64.zip\r\n";
        Assert.Equal(("nats-server-v2.12.3-linux-amd64.zip", new string('a', 64)), GitHubRelease.FindAsset(checksums, "-linux-amd64.zip"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>not found</html>")]
    [InlineData("1234  nats-server-v2.12.3-linux-amd64.zip")]
    public void FindAsset_NotListed_FindsNothing(string checksums) => Assert.Null(GitHubRelease.FindAsset(checksums, "-linux-amd64.zip"));

    [Fact]
    public void FindAsset_NameThatIsAPath_FindsNothing() =>
        Assert.Null(GitHubRelease.FindAsset($"{Sum1}  nats-server-v2/../../evil-linux-amd64.zip", "-linux-amd64.zip"));

    [Fact]
    public void AssetOf_Name_LeadsToTheReleaseThatTheNameIsOf() =>
        Assert.EndsWith(
            "/releases/download/v2.12.3/nats-server-v2.12.3-linux-amd64.zip",
            GitHubRelease.AssetOf("nats-server-v2.12.3-linux-amd64.zip").AbsoluteUri,
            StringComparison.Ordinal);

    [Fact]
    public void ChecksumsOf_NoTag_LeadsToTheLatestRelease()
    {
        Assert.EndsWith("/releases/latest/download/SHA256SUMS", GitHubRelease.ChecksumsOf(null).AbsoluteUri, StringComparison.Ordinal);
        Assert.EndsWith("/releases/download/v2.9.10/SHA256SUMS", GitHubRelease.ChecksumsOf("v2.9.10").AbsoluteUri, StringComparison.Ordinal);
    }
}
