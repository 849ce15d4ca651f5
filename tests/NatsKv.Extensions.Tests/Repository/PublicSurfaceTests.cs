using System.Reflection;

namespace NatsKv.Extensions.Tests.Repository;

/// <summary>
/// The public surface of each package against a checked-in text file: a change of it is meant, and seen in review.
/// Run the tests with <c>NATSKV_UPDATE_SURFACE=1</c> to write the files anew.
/// </summary>
public sealed class PublicSurfaceTests
{
    public static TheoryData<string> Packages => ["NatsKv.Core", "NatsKv.Configuration", "NatsKv.Caching", "NatsKv.Testing"];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Surface_IsAsCheckedIn(string package)
    {
        string file = Path.Combine(Repo.Root, "eng", "surface", package + ".txt");
        string[] surface = [.. PublicSurface.Of(Assembly.Load(package))];
        if (Environment.GetEnvironmentVariable("NATSKV_UPDATE_SURFACE") == "1")
        {
            File.WriteAllText(file, string.Join('\n', surface) + "\n");
        }

        Assert.Equal(File.ReadAllLines(file), surface);
    }
}
