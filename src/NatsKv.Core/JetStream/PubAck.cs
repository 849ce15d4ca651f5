using System.Text.Json;

namespace NatsKv.JetStream;

/// <summary>The answer to a write: <c>{"stream":"KV_b","seq":7}</c>, or an error. Read without allocations, because every write gets one.</summary>
internal static class PubAck
{
    /// <summary>Reads the answer.</summary>
    /// <param name="json">The payload.</param>
    /// <param name="revision">The sequence that the write got.</param>
    /// <param name="error">The error instead.</param>
    /// <returns><see langword="true"/> for a write that took place.</returns>
    /// <exception cref="JsonException">It is no such answer.</exception>
    public static bool TryRead(ReadOnlySpan<byte> json, out ulong revision, out ApiError? error)
    {
        revision = 0;
        error = null;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("seq"u8))
            {
                reader.Read();
                revision = reader.GetUInt64();
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                error = JsonSerializer.Deserialize(ref reader, JetStreamJsonContext.Default.ApiError);
            }
            else
            {
                reader.Skip();
            }
        }

        return error is null && revision > 0;
    }
}
