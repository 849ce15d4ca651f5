using System.Text.Json.Serialization;

namespace NatsKv.LoadTest.Reporting;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(List<RowResult>))]
internal sealed partial class ResultJsonContext : JsonSerializerContext;
