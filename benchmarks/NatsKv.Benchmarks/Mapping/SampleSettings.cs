using NatsKv.Configuration.Mapping;

namespace NatsKv.Benchmarks.Mapping;

/// <summary>A bucket's settings: sections of ten.</summary>
internal static class SampleSettings
{
    public const string Section = "Section0000003";
    public const string Key = "Section0000003:Setting5";

    private const int KeysPerSection = 10;

    public static Dictionary<string, string?> Of(int keys) => Enumerable.Range(0, keys).ToDictionary(
        static number => $"Section{number / KeysPerSection:D7}:Setting{number % KeysPerSection}",
        static number => (string?)$"value {number}",
        StringComparer.OrdinalIgnoreCase);

    public static FlatData FlatOf(int keys) => FlatData.Empty.Next(
        new ViewChanges(Whole: true, [.. Of(keys).Select(static pair => new ViewChange(pair.Key, pair.Value, Removed: false))]))!;
}
