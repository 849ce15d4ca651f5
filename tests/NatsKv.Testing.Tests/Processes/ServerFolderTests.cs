using NatsKv.Testing.Processes;

namespace NatsKv.Testing.Tests.Processes;

public sealed class ServerFolderTests : IDisposable
{
    private readonly string _temp = Directory.CreateTempSubdirectory("natskv-test-").FullName;

    public void Dispose() => Directory.Delete(_temp, recursive: true);

    [Fact]
    public void RemoveLeftovers_OwnerIsDead_RemovesItsFolder()
    {
        // The number of this process, but of an earlier bearer of it.
        string dead = Make((OwnerId.Current with { Start = "1" }).ToString());

        ServerFolder.RemoveLeftovers(_temp);

        Assert.False(Directory.Exists(dead));
    }

    [Fact]
    public void RemoveLeftovers_OwnerLives_LeavesItsFolder()
    {
        string alive = Make(OwnerId.Current.ToString());
        ServerFolder.RemoveLeftovers(_temp);
        Assert.True(Directory.Exists(alive));
    }

    [Theory]
    [InlineData("999999999-1-77")]
    [InlineData("garbage")]
    [InlineData("a-b-c")]
    public void RemoveLeftovers_OwnerCannotBeJudged_LeavesItsFolder(string owner)
    {
        string unknown = Make(owner);
        ServerFolder.RemoveLeftovers(_temp);
        Assert.True(Directory.Exists(unknown));
    }

    [Fact]
    public async Task WriteConfigurationAsync_OnUnix_NobodyElseCanReadIt()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        ServerFolder folder = ServerFolder.Create();
        try
        {
            await folder.WriteConfigurationAsync("x", TestContext.Current.CancellationToken);
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.ConfigurationFile));
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Root));
            }
        }
        finally
        {
            folder.Delete();
        }

        Assert.False(Directory.Exists(folder.Root));
    }

    private string Make(string owner)
    {
        string path = Path.Combine(_temp, $"natskv-server-{owner}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path.Combine(path, "store"));
        return path;
    }
}
