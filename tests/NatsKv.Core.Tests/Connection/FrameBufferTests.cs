using System.Buffers;
using NatsKv.Connection;

namespace NatsKv.Tests.Connection;

public sealed class FrameBufferTests
{
    [Fact]
    public void Write_MoreThanItsSize_GrowsAndKeepsWhatIsThere()
    {
        var buffer = new FrameBuffer(initialSize: 4);
        byte[] expected = new byte[10_000];
        new Random(61).NextBytes(expected);

        for (int at = 0; at < expected.Length; at += 37)
        {
            buffer.Write(expected.AsSpan(at, Math.Min(37, expected.Length - at)));
        }

        Assert.Equal(expected, buffer.WrittenSpan.ToArray());
        Assert.Equal(expected.Length, buffer.WrittenCount);
    }

    [Fact]
    public void GetSpanAndGetMemory_HaveTheRoomThatWasAskedFor()
    {
        var buffer = new FrameBuffer(initialSize: 4);
        buffer.Write("abc"u8);

        Assert.True(buffer.GetSpan(100).Length >= 100);
        Assert.True(buffer.GetMemory(1000).Length >= 1000);
        Assert.True(buffer.GetSpan().Length >= 1);
        Assert.Equal("abc"u8.ToArray(), buffer.WrittenSpan.ToArray());
    }

    [Fact]
    public void Reset_AfterABurst_GivesItsMemoryBackOnceItIsNoLongerUsed()
    {
        var buffer = new FrameBuffer(initialSize: 16);
        buffer.Write(new byte[1000]);
        buffer.Reset(keptSize: 100);
        Assert.Equal(0, buffer.WrittenCount);
        Assert.True(buffer.GetMemory().Length >= 1000, "One small use more and the burst may go on.");

        for (int i = 0; i < 1000; i++)
        {
            buffer.Write("x"u8);
            buffer.Reset(keptSize: 100);
        }

        Assert.Equal(16, buffer.GetMemory().Length);
    }

    [Fact]
    public void Reset_BurstAfterBurst_KeepsItsMemory()
    {
        var buffer = new FrameBuffer(initialSize: 16);
        buffer.Write(new byte[1000]);
        int size = buffer.GetMemory().Length + buffer.WrittenCount;
        for (int i = 0; i < 1000; i++)
        {
            buffer.Reset(keptSize: 100);
            buffer.Write(new byte[i % 10 == 0 ? 1000 : 1]);
        }

        buffer.Reset(keptSize: 100);

        Assert.Equal(size, buffer.GetMemory().Length);
    }

    [Fact]
    public void Reset_BelowTheKeptSize_KeepsItsMemory()
    {
        var buffer = new FrameBuffer(initialSize: 16);
        buffer.Write(new byte[64]);
        int size = buffer.GetMemory().Length + buffer.WrittenCount;

        buffer.Reset(keptSize: 1000);

        Assert.Equal(size, buffer.GetMemory().Length);
    }
}
