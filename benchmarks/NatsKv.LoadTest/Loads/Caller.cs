using System.Diagnostics;

namespace NatsKv.LoadTest.Loads;

/// <summary>One of the loops that call a client: which key is next, when to stop, how long calls took.</summary>
internal sealed class Caller(int index, int step, string[] keys, int sampleEvery)
{
    private const int MostSamples = 4096;

    private readonly long[] _samples = new long[MostSamples];
    private long _sampled;
    private int _next = index % keys.Length;
    private volatile bool _stopped;

    public long Done { get; private set; }

    public bool GoesOn => !_stopped;

    /// <summary>Samples that the buffer holds, in timestamp ticks.</summary>
    public IEnumerable<long> Latencies => _samples.Take((int)Math.Min(_sampled, MostSamples));

    public string NextKey()
    {
        string key = keys[_next];
        _next = (_next + step) % keys.Length;
        return key;
    }

    public void Start()
    {
        Done = 0;
        _stopped = false;
    }

    public void Stop() => _stopped = true;

    public void ForgetSamples() => _sampled = 0;

    /// <summary>Called before an operation; zero if this one isn't timed.</summary>
    public long Begin() => Done % sampleEvery == 0 ? Stopwatch.GetTimestamp() : 0;

    /// <summary>Called after an operation.</summary>
    public void End(long begun)
    {
        Done++;
        if (begun != 0)
        {
            _samples[_sampled++ % MostSamples] = Stopwatch.GetTimestamp() - begun;
        }
    }
}
