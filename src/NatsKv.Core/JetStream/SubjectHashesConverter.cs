using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using NatsKv.Keys;

namespace NatsKv.JetStream;

/// <summary>Reads an object whose members are named after subjects into the hashes of those names, without a string for each of them.</summary>
internal sealed class SubjectHashesConverter : JsonConverter<List<ulong>>
{
    public override List<ulong> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException();
        }

        var hashes = new List<ulong>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // Servers escape what HTML would take for markup, and a name may hold that.
            hashes.Add(KeyHash.Of(reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan));
            reader.Skip();
        }

        return hashes;
    }

    public override void Write(Utf8JsonWriter writer, List<ulong> value, JsonSerializerOptions options) => throw new NotSupportedException();
}
