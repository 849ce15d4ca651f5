using System.Reflection;
using System.Text.RegularExpressions;
using NatsKv.Extensions.Tests.Repository;

namespace NatsKv.Extensions.Tests.Documentation;

/// <summary>The table of features says nothing that isn't so: each member that it names exists, and so does each test.</summary>
public sealed partial class FeatureMatrixTests
{
    private static readonly string[] Packages = ["NatsKv.Core", "NatsKv.Configuration", "NatsKv.Caching", "NatsKv.Testing"];

    [Fact]
    public void EveryFeature_StandsThereOnce()
    {
        IEnumerable<string> all = Ids("B", 20).Concat(Ids("C", 23)).Concat(Ids("K", 25)).Concat(Ids("W", 24));

        Assert.Equal(all, FeatureMatrix.Read().Select(static row => row.Id));
    }

    [Fact]
    public void EveryMember_Exists()
    {
        ILookup<string, Type> types = Packages.SelectMany(static package => Assembly.Load(package).GetExportedTypes())
            .ToLookup(static type => type.Name.Split('`')[0], StringComparer.Ordinal);

        Assert.Empty(FeatureMatrix.Read().SelectMany(row => row.Members.Where(member => !Exists(types, member)).Select(member => $"{row.Id}: {member}")));
    }

    [Fact]
    public void EveryTest_Exists()
    {
        HashSet<string> tests = [.. Repo.Sources("tests").SelectMany(static file => TestsOf(File.ReadAllText(Path.Combine(Repo.Root, file))))];

        Assert.Empty(FeatureMatrix.Read().SelectMany(row => row.Tests.Where(test => !tests.Contains(test)).Select(test => $"{row.Id}: {test}")));
    }

    [Fact]
    public void EveryFeature_HasAMemberAndATestOrIsLeftForLater()
    {
        Assert.Empty(FeatureMatrix.Read().Where(static row => row.IsLater ? row.Members.Length + row.Tests.Length > 0 : row.Members.Length == 0 || row.Tests.Length == 0)
            .Select(static row => row.Id));
    }

    private static IEnumerable<string> Ids(string letter, int count) => Enumerable.Range(1, count).Select(number => $"{letter}{number}");

    // 'Type.Member' or 'Type'; a constructor is called like its type.
    private static bool Exists(ILookup<string, Type> types, string name)
    {
        string[] parts = name.Split('.');
        return parts.Length <= 2 && types[parts[0]].Any(type => parts.Length == 1
            || type.GetMember(parts[1], BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static).Length > 0);
    }

    // 'Class.Method' for each method under a [Fact] or [Theory].
    private static IEnumerable<string> TestsOf(string source)
    {
        if (ClassName().Match(source) is not { Success: true } type)
        {
            return [];
        }

        return TestMethod().Matches(source).Select(method => $"{type.Groups["name"].Value}.{method.Groups["name"].Value}");
    }

    [GeneratedRegex(@"^public (?:sealed |abstract |partial )*class (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex ClassName();

    [GeneratedRegex(@"\[(?:Fact|Theory)\b[^\n]*\n(?:\s*\[[^\n]*\n)*\s*public (?:async |static )*\w+ (?<name>\w+)\(", RegexOptions.None, 1000)]
    private static partial Regex TestMethod();
}
