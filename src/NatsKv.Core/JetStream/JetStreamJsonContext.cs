using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>The JSON of JetStream's API. A null where there must be something makes an answer unreadable; code further on relies on it.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true)]
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
