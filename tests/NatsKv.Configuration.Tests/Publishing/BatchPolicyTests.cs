using System.Text;
using NatsKv.Configuration.Publishing;

namespace NatsKv.Configuration.Tests.Publishing;

public sealed class BatchPolicyTests
{
    [Theory]
    [InlineData("", false)]
    [InlineData("NATS/1.0\r\nNats-TTL: 5s\r\n\r\n", false)]
    [InlineData("NATS/1.0\r\nNats-Batch-Id: a\r\nNats-Batch-Sequence: 1\r\n\r\n", true)]
    [InlineData("NATS/1.0\r\nNats-Batch-Id: a\r\nNats-Batch-Sequence: 2\r\nNats-Batch-Commit: 1\r\n\r\n", false)]
    public void IsOpenAfter_ByHeaders_TellsWhetherMoreComes(string headers, bool expected) =>
        Assert.Equal(expected, BatchPolicy.IsOpenAfter(new NatsKvHeaderBlock(Encoding.ASCII.GetBytes(headers))));
}
