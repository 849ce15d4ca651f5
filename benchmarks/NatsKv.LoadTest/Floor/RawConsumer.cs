using System.Text;

namespace NatsKv.LoadTest.Floor;

/// <summary>
/// A push consumer with flow control on a bucket, created and removed like that of a watch; it counts the messages. Everything happens on
/// the calling thread.
/// </summary>
internal sealed class RawConsumer : IDisposable
{
    private const string Stalled = "Nats-Consumer-Stalled: ";

    private static int s_lastSubscription = 1;

    private readonly RawLink _link;
    private readonly string _stream;
    private readonly string _name = Guid.NewGuid().ToString("N")[..16];
    private readonly int _subscription = Interlocked.Increment(ref s_lastSubscription);
    private bool _isCreated;

    public RawConsumer(RawLink link, string bucket, bool withInitialData)
    {
        _link = link;
        _stream = "KV_" + bucket;
        string inbox = "_INBOX." + Guid.NewGuid().ToString("N")[..22];
        string filter = $"$KV.{bucket}.>";
        string policy = withInitialData ? "last_per_subject" : "new";
        string config = $$"""
            {"name":"{{_name}}","deliver_policy":"{{policy}}","deliver_subject":"{{inbox}}","filter_subject":"{{filter}}",
            "idle_heartbeat":5000000000,"inactive_threshold":10000000000,"ack_policy":"none","ack_wait":79200000000000,
            "replay_policy":"instant","max_deliver":1,"flow_control":true,"mem_storage":true,"num_replicas":1}
            """;
        string request = $$"""{"stream_name":"{{_stream}}","action":"create","config":{{config}} }""";
        link.Send($"SUB {inbox} {_subscription}\r\n");
        link.SendRequest($"$JS.API.CONSUMER.CREATE.{_stream}.{_name}.{filter}", Encoding.ASCII.GetBytes(request));
    }

    /// <summary>Messages of the bucket seen so far.</summary>
    public long Received { get; private set; }

    public void ReadUntilCreated()
    {
        while (!_isCreated)
        {
            Take(_link.Next());
        }
    }

    /// <summary>Reads until that many messages have come.</summary>
    public void ReadUntil(long messages)
    {
        while (Received < messages)
        {
            Take(_link.Next());
        }
    }

    public void Dispose()
    {
        _link.Send($"UNSUB {_subscription}\r\n");
        _link.Ask($"$JS.API.CONSUMER.DELETE.{_stream}.{_name}");
    }

    private void Take(in RawFrame frame)
    {
        if (!frame.IsMessage)
        {
            return;
        }

        ReadOnlySpan<byte> subject = frame.Subject;
        if (subject.StartsWith("$KV."u8))
        {
            Received++;
        }
        else if (!frame.HasHeaders)
        {
            // The server's answer to the creation.
            _isCreated = !frame.Body.StartsWith("""{"type":"io.nats.jetstream.api.v1.consumer_create_response","error":"""u8)
                ? true : throw new InvalidOperationException(Encoding.UTF8.GetString(frame.Body));
        }
        else if (frame.ReplyOfHeaderMessage is { IsEmpty: false } flowControl)
        {
            Answer(Encoding.ASCII.GetString(flowControl));
        }
        else if (Encoding.ASCII.GetString(frame.Body) is var heartbeat && heartbeat.IndexOf(Stalled, StringComparison.Ordinal) is >= 0 and var at)
        {
            Answer(heartbeat[(at + Stalled.Length)..].Split('\r')[0]);
        }
    }

    private void Answer(string subject) => _link.Send($"PUB {subject} 0\r\n\r\n");
}
