using System.Text;
using System.Text.Json;

namespace NatsKv.Tests.Watching.Fire;

/// <summary>The newest message of a key as the server keeps it.</summary>
/// <param name="Revision">Its number.</param>
/// <param name="IsMarker">Whether it tells of a removal, by a client or by the server.</param>
/// <param name="Value">Its bytes as text.</param>
internal sealed record StoredEntry(ulong Revision, bool IsMarker, string Value)
{
    internal static StoredEntry From(JsonElement message)
    {
        string headers = message.TryGetProperty("hdrs", out JsonElement block) ? Encoding.UTF8.GetString(block.GetBytesFromBase64()) : "";
        bool isMarker = headers.Contains("\r\nKV-Operation:", StringComparison.Ordinal) || headers.Contains("\r\nNats-Marker-Reason:", StringComparison.Ordinal);
        string value = message.TryGetProperty("data", out JsonElement data) ? Encoding.UTF8.GetString(data.GetBytesFromBase64()) : "";
        return new StoredEntry(message.GetProperty("seq").GetUInt64(), isMarker, value);
    }
}
