using System.Diagnostics;
using System.Text;
using NatsKv.LoadTest.Measuring;

namespace NatsKv.LoadTest.Floor;

/// <summary>
/// Keeps a number of requests outstanding and sends a new one for every reply: what came with one receive is answered with one send, on the
/// calling thread.
/// </summary>
internal sealed class SlidingFloor(RawLink link, RequestFrames frames, int outstanding, ReplyRule rule) : IFloor
{
    private int _next;

    public SliceCount Run(TimeSpan slice)
    {
        long begun = Stopwatch.GetTimestamp();
        long end = begun + (long)(slice.TotalSeconds * Stopwatch.Frequency);
        return Run(begun, end, long.MaxValue);
    }

    /// <summary>A given number of requests, however long they take.</summary>
    public SliceCount Run(long operations) => Run(Stopwatch.GetTimestamp(), long.MaxValue, operations);

    public void Dispose() => link.Dispose();

    private SliceCount Run(long begun, long end, long operations)
    {
        int underWay = (int)Math.Min(outstanding, operations);
        long left = operations - underWay;
        long done = 0;
        _next = frames.Send(link, _next, underWay);
        while (underWay > 0)
        {
            link.Receive();
            int replies = 0;
            while (link.TryNext(out RawFrame frame))
            {
                if (frame.IsMessage)
                {
                    Check(frame);
                    replies++;
                }
            }

            done += replies;
            int following = Stopwatch.GetTimestamp() < end ? (int)Math.Min(replies, left) : 0;
            left -= following;
            underWay += following - replies;
            _next = frames.Send(link, _next, following);
        }

        return new SliceCount(done, Stopwatch.GetElapsedTime(begun));
    }

    // A server that refuses is fast.
    private void Check(in RawFrame frame)
    {
        if (frame.Body.Length < rule.LeastBytes || frame.Body.Length > rule.MostBytes)
        {
            throw new InvalidOperationException($"An unexpected reply: {Encoding.UTF8.GetString(frame.Line)} {Encoding.UTF8.GetString(frame.Body[..Math.Min(200, frame.Body.Length)])}");
        }
    }
}
