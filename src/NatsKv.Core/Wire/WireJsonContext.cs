using System.Text.Json.Serialization;

namespace NatsKv.Wire;

/// <summary>The JSON of the connection's handshake.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(InfoDocument))]
[JsonSerializable(typeof(ConnectDocument))]
internal sealed partial class WireJsonContext : JsonSerializerContext;
