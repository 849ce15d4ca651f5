using System.Text;
using NatsKv.JetStream;
using NatsKv.Transport;

namespace NatsKv.Tests.JetStream;

public sealed class ApiErrorsTests
{
    [Theory]
    [InlineData(404, 10059, "stream not found", typeof(NatsKvBucketNotFoundException))]
    [InlineData(400, 10058, "stream name already in use with a different configuration", typeof(NatsKvBucketExistsException))]
    [InlineData(503, 10076, "jetstream not enabled", typeof(NatsKvNotSupportedException))]
    [InlineData(503, 10039, "jetstream not enabled for account", typeof(NatsKvNotSupportedException))]
    [InlineData(500, 10052, "stream configuration update can not change storage type", typeof(NatsKvBucketConfigException))]
    [InlineData(400, 10166, "per-message TTL is disabled", typeof(NatsKvNotSupportedException))]
    [InlineData(503, 10077, "maximum bytes exceeded", typeof(NatsKvBucketFullException))]
    [InlineData(503, 10077, "maximum messages per subject exceeded", typeof(NatsKvServerException))]
    [InlineData(400, 10065, "subjects overlap with an existing stream", typeof(NatsKvBucketConfigException))]
    [InlineData(500, 10074, "replicas > 1 not supported in non-clustered mode", typeof(NatsKvBucketConfigException))]
    [InlineData(400, 0, "", typeof(NatsKvServerException))]
    public void ToException_EachCode_HasItsTypeAndNamesTheBucket(int code, int errorCode, string description, Type type)
    {
        NatsKvException exception = ApiErrors.ToException(new ApiError { Code = code, ErrorCode = errorCode, Description = description }, "my-bucket");

        Assert.IsType(type, exception);
        if (errorCode is not (10076 or 10039))
        {
            Assert.Contains("my-bucket", exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(503, 10008, true)]
    [InlineData(503, 10077, true)]
    [InlineData(429, 10167, true)]
    [InlineData(500, 10047, true)]
    [InlineData(400, 10060, false)]
    [InlineData(500, 10057, false)]
    public void ToException_UnknownCode_KeepsTheNumbersAndTheText(int code, int errorCode, bool isTransient)
    {
        var exception = (NatsKvServerException)ApiErrors.ToException(new ApiError { Code = code, ErrorCode = errorCode, Description = "some text" }, "b");

        Assert.Equal((code, errorCode, isTransient), (exception.Code, exception.ErrorCode, exception.IsTransient));
        Assert.Contains($"some text ({code}/{errorCode})", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NATS/1.0 503\r\n\r\n", "", true)]
    [InlineData("NATS/1.0 503\r\n\r\n", "x", false)]
    [InlineData("NATS/1.0 404\r\n\r\n", "", false)]
    [InlineData("NATS/1.0\r\n\r\n", "", false)]
    [InlineData("", "", false)]
    public void IsNoResponders_Reply_IsTheEmpty503(string headers, string payload, bool expected)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(headers + payload);
        var reply = new NatsMessage(bytes, 0, 0, 0, headers.Length, payload.Length);

        Assert.Equal(expected, ApiErrors.IsNoResponders(reply.AsReply()));
    }

    [Fact]
    public void NobodyAnswers_ServerWithoutJetStream_NamesItAndTheRemedy()
    {
        foreach (string subject in (string[])["$JS.API.STREAM.INFO.KV_b", "$KV.b.key"])
        {
            Assert.Contains("'n1'", Assert.IsType<NatsKvNotSupportedException>(ApiErrors.NobodyAnswers(Server(jetStream: false), subject)).Message, StringComparison.Ordinal);
            Assert.True(Assert.IsType<NatsKvServerException>(ApiErrors.NobodyAnswers(Server(jetStream: true), subject)).IsTransient);
            Assert.IsType<NatsKvServerException>(ApiErrors.NobodyAnswers(null, subject));
        }

        // The JetStream of a domain or of another account is somewhere else.
        Assert.True(ApiErrors.NobodyAnswers(Server(jetStream: false), "$JS.hub.API.STREAM.INFO.KV_b").IsTransient);
        Assert.True(ApiErrors.NobodyAnswers(Server(jetStream: false), "$JS.hub.API.$KV.b.key").IsTransient);

        static NatsKvServerInfo Server(bool jetStream) => new() { Name = "n1", Version = "2.11.0", JetStream = jetStream, ApiLevel = 1, MaxPayload = 1 };
    }

    [Theory]
    [InlineData(10071, "wrong last sequence: 7", true, 7)]
    [InlineData(10071, "wrong last sequence: 18446744073709551615", true, ulong.MaxValue)]
    [InlineData(10071, "wrong last sequence", true, null)]
    [InlineData(10071, "wrong last sequence: x", true, null)]
    [InlineData(10071, "wrong last sequence: -1", true, null)]
    [InlineData(10071, "", true, null)]
    [InlineData(10164, "wrong last sequence", true, null)]
    [InlineData(10060, "expected stream does not match", false, null)]
    public void WrongLastSequence_BothCodes_AreALostRaceAndTheNumberIsReadIfThereIsOne(int errorCode, string description, bool isLost, object? actual)
    {
        var error = new ApiError { Code = 400, ErrorCode = errorCode, Description = description };

        Assert.Equal(isLost, WrongLastSequence.Is(error));
        Assert.Equal(actual is null ? null : Convert.ToUInt64(actual, System.Globalization.CultureInfo.InvariantCulture), WrongLastSequence.Actual(error));
    }
}
