using NatsKv.Connection;
using NatsKv.Transport;

namespace NatsKv.Tests.Connection;

public sealed class MessageQueueTests
{
    private const int ChunkSize = 64 * 1024;
    private const int LengthsSize = 16;

    [Fact]
    public void TryDequeue_EachPart_IsTheOneThatWasPutIn()
    {
        var queue = new MessageQueue();
        queue.Enqueue("subject"u8, "reply"u8, "headers"u8, "payload"u8);
        queue.Enqueue("s"u8, default, default, default);

        Assert.Equal(27, queue.Bytes);
        Assert.True(queue.TryDequeue(out NatsMessage first));
        Assert.Equal(
            ("subject", "reply", "headers", "payload"), (Text(first.Subject), Text(first.ReplyTo), Text(first.Headers.Bytes), Text(first.Payload.Span)));
        Assert.True(queue.TryDequeue(out NatsMessage second));
        Assert.Equal(("s", 0, 0, 0), (Text(second.Subject), second.ReplyTo.Length, second.Headers.Bytes.Length, second.Payload.Length));
        Assert.False(queue.TryDequeue(out _));
        Assert.Equal((0, true), (queue.Bytes, queue.IsEmpty));
    }

    [Theory]
    [InlineData(71)]
    [InlineData(72)]
    [InlineData(73)]
    [InlineData(74)]
    public void AnyOperations_AgreeWithAQueueOfArrays(int seed)
    {
        var random = new Random(seed);
        var queue = new MessageQueue();
        var model = new Queue<byte[]>();
        byte[]? held = null;
        long bytesInModel = 0;
        NatsMessage message = default;
        for (int step = 0; step < 3000; step++)
        {
            int choice = random.Next(100);
            if (choice == 0)
            {
                queue.Clear();
                model.Clear();
                bytesInModel = 0;
                held = null;
            }
            else if (choice < 55)
            {
                byte[] bytes = new byte[NextSize(random)];
                random.NextBytes(bytes);
                int[] cuts = [random.Next(bytes.Length + 1), random.Next(bytes.Length + 1), random.Next(bytes.Length + 1)];
                Array.Sort(cuts);
                queue.Enqueue(bytes.AsSpan(0, cuts[0]), bytes.AsSpan(cuts[0]..cuts[1]), bytes.AsSpan(cuts[1]..cuts[2]), bytes.AsSpan(cuts[2]));
                model.Enqueue(bytes);
                bytesInModel += bytes.Length;
            }
            else
            {
                Assert.Equal(model.Count > 0, queue.TryDequeue(out message));
                held = model.Count > 0 ? model.Dequeue() : null;
                bytesInModel -= held?.Length ?? 0;
            }

            // What was taken last stays valid until the next taking, whatever is put in meanwhile.
            Assert.True(held is null || IsWhole(held, message), $"Step {step}, seed {seed}: the message has changed.");
            Assert.Equal(bytesInModel, queue.Bytes);
            Assert.Equal(model.Count == 0, queue.IsEmpty);
        }
    }

    [Fact]
    public void BigMessage_BetweenSmallOnes_KeepsTheOrder()
    {
        var queue = new MessageQueue();
        byte[] big = new byte[10_000_000];
        big[^1] = 9;
        queue.Enqueue("1"u8, default, default, default);
        queue.Enqueue("2"u8, default, default, big);
        queue.Enqueue("3"u8, default, default, default);

        Assert.True(queue.TryDequeue(out NatsMessage message));
        Assert.Equal("1", Text(message.Subject));
        Assert.True(queue.TryDequeue(out message));
        Assert.Equal(("2", big.Length, 9), (Text(message.Subject), message.Payload.Length, message.Payload.Span[^1]));
        Assert.True(queue.TryDequeue(out message));
        Assert.Equal("3", Text(message.Subject));
    }

    // Mostly small ones, often ones that just fit, or just don't, into what a chunk has left.
    private static int NextSize(Random random) => random.Next(10) switch
    {
        < 5 => random.Next(0, 200),
        < 7 => random.Next(5_000, 30_000),
        7 => ChunkSize - LengthsSize + random.Next(-5, 6),
        8 => (ChunkSize / 2) - LengthsSize + random.Next(-5, 6),
        _ => random.Next(ChunkSize, 3 * ChunkSize),
    };

    private static bool IsWhole(ReadOnlySpan<byte> expected, in NatsMessage message)
    {
        bool isPrefix = Take(ref expected, message.Subject) && Take(ref expected, message.ReplyTo) && Take(ref expected, message.Headers.Bytes);
        return isPrefix && expected.SequenceEqual(message.Payload.Span);

        static bool Take(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> part)
        {
            bool starts = rest.StartsWith(part);
            rest = starts ? rest[part.Length..] : rest;
            return starts;
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes) => System.Text.Encoding.ASCII.GetString(bytes);
}
