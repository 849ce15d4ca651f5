using System.Text;
using System.Text.Json;
using NatsKv.JetStream;

namespace NatsKv.Tests.JetStream;

public sealed class PubAckTests
{
    [Theory]
    [InlineData("""{"stream":"KV_b","seq":7}""", 7)]
    [InlineData("""{"seq":7,"stream":"KV_b","duplicate":true}""", 7)]
    [InlineData("""{"stream":"KV_b","domain":"hub","seq":18446744073709551615,"val":"x"}""", ulong.MaxValue)]
    [InlineData("""{"future":{"seq":1,"list":[{"error":{}}]},"seq":7}""", 7)]
    [InlineData(""" { "\u0073eq" : 7 } """, 7)]
    [InlineData("""{"error":null,"seq":7}""", 7)]
    public void TryRead_Accepted_GivesTheRevision(string json, ulong revision)
    {
        Assert.True(PubAck.TryRead(Encoding.UTF8.GetBytes(json), out ulong actual, out ApiError? error));

        Assert.Equal(revision, actual);
        Assert.Null(error);
    }

    [Theory]
    [InlineData("""{"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 3"},"stream":"KV_b","seq":0}""")]
    [InlineData("""{"seq":9,"error":{"description":"wrong last sequence: 3","err_code":10071,"code":400}}""")]
    public void TryRead_Refused_GivesTheError(string json)
    {
        Assert.False(PubAck.TryRead(Encoding.UTF8.GetBytes(json), out _, out ApiError? error));

        Assert.Equal((400, 10071, "wrong last sequence: 3"), (error!.Code, error.ErrorCode, error.Description));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("\"seq\"")]
    [InlineData("""{"stream":"KV_b","seq":0}""")]
    public void TryRead_NeitherRevisionNorError_IsNeither(string json)
    {
        Assert.False(PubAck.TryRead(Encoding.UTF8.GetBytes(json), out ulong revision, out ApiError? error));

        Assert.Equal(0UL, revision);
        Assert.Null(error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("+OK")]
    [InlineData("{")]
    [InlineData("""{"seq":""")]
    [InlineData("""{"seq":7""")]
    [InlineData("""{"seq":"7"}""")]
    [InlineData("""{"seq":null}""")]
    [InlineData("""{"seq":-7}""")]
    [InlineData("""{"seq":7.5}""")]
    [InlineData("""{"seq":18446744073709551616}""")]
    [InlineData("""{"seq":{}}""")]
    [InlineData("""{"error":5}""")]
    [InlineData("""{"error":{"code":"x"}}""")]
    [InlineData("""{"error":{"code":400,"err_code":10071,"description":null}}""")]
    public void TryRead_NoAnswerToAWrite_ThrowsJsonException(string json) =>
        Assert.ThrowsAny<JsonException>(() => PubAck.TryRead(Encoding.UTF8.GetBytes(json), out _, out _));
}
