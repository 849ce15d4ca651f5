using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using NatsKv.Transport;
using NatsKv.Wire;

namespace NatsKv.Benchmarks.Wire;

/// <summary>Writes the frame of a put. The baseline copies the finished frame.</summary>
public class FrameWriting
{
    private readonly ArrayBufferWriter<byte> _output = new(128 * 1024);
    private readonly byte[] _inbox = Encoding.ASCII.GetBytes("_INBOX.0123456789ABCDEFGHIJKL.");
    private readonly byte[] _token = Encoding.ASCII.GetBytes("00000000000000ff");
    private NatsOutgoingMessage _put;
    private byte[] _finished = [];

    [Params(64, 1024)]
    public int ValueBytes { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _put = new NatsOutgoingMessage(new NatsSubject("$KV.bench.", "bench.key.0000001"), new byte[ValueBytes]);
        WritePut();
        _finished = _output.WrittenSpan.ToArray();
    }

    [Benchmark(Baseline = true)]
    public int CopyFinished()
    {
        _output.ResetWrittenCount();
        _output.Write(_finished);
        return _output.WrittenCount;
    }

    [Benchmark]
    public int WritePut()
    {
        _output.ResetWrittenCount();
        FrameWriter.WritePublish(_output, _put, _inbox, _token);
        return _output.WrittenCount;
    }
}
