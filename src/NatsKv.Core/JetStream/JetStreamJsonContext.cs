using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>The JSON of JetStream's API.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StreamConfigDocument))]
[JsonSerializable(typeof(StreamInfoResponse))]
[JsonSerializable(typeof(DeleteResponse))]
[JsonSerializable(typeof(MessageGetRequest))]
[JsonSerializable(typeof(MessageGetResponse))]
[JsonSerializable(typeof(ConsumerCreateRequest))]
[JsonSerializable(typeof(ConsumerInfoResponse))]
[JsonSerializable(typeof(ApiError))]
[JsonSerializable(typeof(ApiStatusResponse))]
[JsonSerializable(typeof(System.Text.Json.Nodes.JsonObject))]
internal sealed partial class JetStreamJsonContext : JsonSerializerContext;
