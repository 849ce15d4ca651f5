using System.Text.Json;
using System.Text.Json.Nodes;

namespace NatsKv.JetStream;

/// <summary>
/// Puts what a user wants to change into a stream's configuration as the server has it. An update replaces the whole configuration; one that
/// is made from what a client knows resets everything that it doesn't know.
/// </summary>
internal static class StreamConfigMerge
{
    private const string DuplicateWindow = "duplicate_window";
    private const string AllowMessageTtl = "allow_msg_ttl";

    // Every client sets these so; a bucket that differs in them was made by an old one (ADR-8).
    private static readonly string[] Repairable = ["discard", "allow_direct"];

    /// <summary>The names of the settings in which a stream is not as it is wanted.</summary>
    public static IReadOnlyList<string> Differences(StreamConfigDocument present, StreamConfigDocument wanted)
    {
        JsonObject actual = ToJson(present);
        JsonObject expected = ToJson(wanted);
        return [.. Names(actual, expected).Where(name => !JsonNode.DeepEquals(OrNothing(actual[name]), OrNothing(expected[name])))];
    }

    /// <summary>Whether a stream differs only in what is brought up to date without asking.</summary>
    public static bool IsRepairable(IReadOnlyList<string> differences, StreamConfigDocument wanted) =>
        wanted.AllowDirect && differences.Count > 0 && differences.All(Repairable.Contains);

    /// <summary>Changes what differs between two configurations, and leaves the rest as it is.</summary>
    /// <param name="present">The stream's configuration; changed.</param>
    /// <param name="before">What is known of it.</param>
    /// <param name="wanted">What it is to become.</param>
    public static void Apply(JsonObject present, StreamConfigDocument before, StreamConfigDocument wanted)
    {
        JsonObject old = ToJson(before);
        JsonObject next = ToJson(wanted);
        foreach (string name in Names(old, next))
        {
            // Servers never take TTLs back, and the window has a rule of its own.
            bool isKept = name == DuplicateWindow || (name == AllowMessageTtl && next[name] is null);
            if (isKept || JsonNode.DeepEquals(old[name], next[name]))
            {
                continue;
            }

            present.Remove(name);
            if (next[name] is { } value)
            {
                present[name] = value.DeepClone();
            }
        }

        // The server refuses a window longer than the values live. One that somebody set stays; one that only followed the age follows it again.
        long window = present[DuplicateWindow]?.GetValue<long>() ?? 0;
        if (window == before.DuplicateWindow || (wanted.MaxAge > 0 && window > wanted.MaxAge))
        {
            present[DuplicateWindow] = wanted.DuplicateWindow;
        }
    }

    /// <summary>The bytes to send.</summary>
    public static byte[] ToBytes(JsonObject config) => JsonSerializer.SerializeToUtf8Bytes(config, JetStreamJsonContext.Default.JsonObject);

    private static string[] Names(JsonObject one, JsonObject other) =>
        [.. one.Select(static setting => setting.Key).Union(other.Select(static setting => setting.Key), StringComparer.Ordinal)];

    // Servers spell out what is off, which we leave out, and add metadata of their own.
    private static JsonNode? OrNothing(JsonNode? value)
    {
        if (value is JsonObject map)
        {
            var own = new JsonObject(map.Where(static item => !item.Key.StartsWith(NatsKvMetadata.ServerPrefix, StringComparison.Ordinal))
                .Select(static item => KeyValuePair.Create(item.Key, item.Value?.DeepClone())));
            return own.Count > 0 ? own : null;
        }

        return value is JsonValue && value.ToString() is "0" or "none" or "false" ? null : value;
    }

    private static JsonObject ToJson(StreamConfigDocument config) =>
        JsonSerializer.SerializeToNode(config, JetStreamJsonContext.Default.StreamConfigDocument)!.AsObject();
}
