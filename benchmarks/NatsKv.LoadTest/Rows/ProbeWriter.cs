using System.Diagnostics;
using System.Globalization;
using System.Text;
using NatsKv.LoadTest.Floor;

namespace NatsKv.LoadTest.Rows;

/// <summary>Writes rising numbers into key <c>Probe.Number</c>, over a connection of its own.</summary>
internal sealed class ProbeWriter(string url, string bucket) : IDisposable
{
    private readonly RawLink _link = new(url);

    public long Number { get; private set; }

    /// <summary>Sends the next number.</summary>
    /// <returns>When.</returns>
    public long Send()
    {
        byte[] value = Encoding.ASCII.GetBytes((++Number).ToString(CultureInfo.InvariantCulture));
        long begun = Stopwatch.GetTimestamp();
        _link.SendRequest($"$KV.{bucket}.{ProbeOptions.Key}", value);
        return begun;
    }

    public void WaitForAcknowledgement() => _link.ReadReply();

    public void Dispose() => _link.Dispose();
}
