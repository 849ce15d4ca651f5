using System.Text;
using BenchmarkDotNet.Attributes;
using NatsKv.Wire;

namespace NatsKv.Benchmarks.Wire;

/// <summary>Finds a frame in what has been received. The baseline only looks for the end of its line.</summary>
public class FrameParsing
{
    private byte[] _reply = [];

    [Params(64, 1024)]
    public int ValueBytes { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        string headers = SampleFrames.StoredHeaders;
        _reply =
        [
            .. Encoding.ASCII.GetBytes($"HMSG _INBOX.0123456789ABCDEFGHIJKL.00000000000000ff 1 {headers.Length} {headers.Length + ValueBytes}\r\n{headers}"),
            .. new byte[ValueBytes],
            .. "\r\n"u8,
        ];
    }

    [Benchmark(Baseline = true)]
    public int FindLineEnd() => _reply.AsSpan().IndexOf("\r\n"u8);

    [Benchmark]
    public int ParseReply() => FrameParser.TryParse(_reply, out Frame frame, out _) ? frame.Payload.Length : 0;
}
