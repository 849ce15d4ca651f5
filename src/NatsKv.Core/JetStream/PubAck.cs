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
        bool isDuplicate = false;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("seq"u8))
            {
                // Asking for a number that isn't there, or doesn't fit, would throw something else.
                bool isNumber = reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out revision);
                if (!isNumber)
                {
                    throw new JsonException("The answer's 'seq' is no sequence number.");
                }
            }
            else if (reader.ValueTextEquals("duplicate"u8))
            {
                isDuplicate = reader.Read() && reader.TokenType == JsonTokenType.True;
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

        if (isDuplicate && revision == 0 && error is null)
        {
            // Servers of 2.10 say so of a copy of a write that is under way; later ones refuse it.
            error = new ApiError { Code = 409, ErrorCode = ErrorCodes.DuplicateInFlight, Description = "a copy of this write is under way" };
        }

        return error is null && revision > 0;
    }
}
