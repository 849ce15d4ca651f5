using System.Text;
using System.Text.Json;
using NatsKv.JetStream;

namespace NatsKv.Tests.JetStream;

/// <summary>A server's JSON with the wrong things in it is unreadable, and nothing worse.</summary>
public sealed class JsonBoundsTests
{
    [Theory]
    [InlineData("""{"state":null}""")]
    [InlineData("""{"state":{"last_seq":-1}}""")]
    [InlineData("""{"created":"yesterday"}""")]
    [InlineData("""{"config":[]}""")]
    [InlineData("""{"error":{"description":null}}""")]
    [InlineData("""{"config":{"name":null}}""")]
    [InlineData("""{"config":{"storage":null}}""")]
    [InlineData("[]")]
    public void StreamInfo_WrongTypes_ThrowJsonException(string json) =>
        Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize(json, JetStreamJsonContext.Default.StreamInfoResponse));

    [Theory]
    [InlineData("""{"delivered":null}""")]
    [InlineData("""{"delivered":{"stream_seq":"x"}}""")]
    public void ConsumerInfo_WrongTypes_ThrowJsonException(string json) =>
        Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize(json, JetStreamJsonContext.Default.ConsumerInfoResponse));

    [Theory]
    [InlineData("""{"message":{"subject":null}}""")]
    [InlineData("""{"message":{"data":"not base64!"}}""")]
    [InlineData("""{"message":{"time":"2026-13-01T00:00:00Z"}}""")]
    public void MessageGet_WrongTypes_ThrowJsonException(string json) =>
        Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize(json, JetStreamJsonContext.Default.MessageGetResponse));

    [Fact]
    public void MessageGet_AsTheServerSendsIt_IsRead()
    {
        const string Json = """{"type":"x","message":{"subject":"$KV.b.k","seq":3,"hdrs":"TkFUUy8xLjANCg0K","data":"aGk=","time":"2026-01-02T03:04:05.123456789Z"}}""";

        StoredMessage message = JsonSerializer.Deserialize(Json, JetStreamJsonContext.Default.MessageGetResponse)!.Message!;

        Assert.Equal(("$KV.b.k", 3UL, "hi"), (message.Subject, message.Sequence, Encoding.ASCII.GetString(message.Data!)));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1_234_567), message.Time);
        Assert.Equal("NATS/1.0\r\n\r\n", Encoding.ASCII.GetString(message.Headers!));
    }

    [Fact]
    public void StreamInfo_NestedWithoutEnd_ThrowsJsonException() => Assert.ThrowsAny<JsonException>(
        () => JsonSerializer.Deserialize("{\"config\":{\"x\":" + new string('[', 100_000), JetStreamJsonContext.Default.StreamInfoResponse));

    [Theory]
    [InlineData("""{"cluster":{"name":"c","leader":"n1"}}""", false)]
    [InlineData("""{"cluster":{"name":"c"}}""", true)]
    [InlineData("""{"cluster":{"name":"c","leader":""}}""", true)]
    [InlineData("""{"cluster":{"leader":"n1"}}""", false)]
    [InlineData("""{"cluster":{}}""", false)]
    [InlineData("{}", false)]
    public void IsLeaderless_ClusteredWithoutLeader_IsTrue(string json, bool expected) =>
        Assert.Equal(expected, JsonSerializer.Deserialize(json, JetStreamJsonContext.Default.StreamInfoResponse)!.IsLeaderless);
}
