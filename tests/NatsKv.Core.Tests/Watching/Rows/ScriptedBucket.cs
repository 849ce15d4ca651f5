using System.Reflection;

namespace NatsKv.Tests.Watching.Rows;

/// <summary>A bucket of which only a watch is asked for, and whose events are given: for what is made of them, in an order that no server repeats.</summary>
public class ScriptedBucket : DispatchProxy
{
    private NatsKvWatchEvent[] _events = [];

    public static INatsKvBucket Of(params NatsKvWatchEvent[] events)
    {
        INatsKvBucket bucket = Create<INatsKvBucket, ScriptedBucket>();
        ((ScriptedBucket)(object)bucket)._events = events;
        return bucket;
    }

    /// <summary>An event about a key; a key alone is a put.</summary>
    public static NatsKvWatchEvent Entry(string key, NatsKvOperation operation = NatsKvOperation.Put) => new(
        NatsKvWatchEventKind.Entry,
        new NatsKvEntry { Bucket = "bucket", Key = key, Revision = 1, Created = DateTimeOffset.UnixEpoch, Operation = operation });

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
    {
        nameof(INatsKvBucket.WatchAsync) => _events.ToAsyncEnumerable(),
        "get_Name" => "bucket",
        string other => throw new NotSupportedException(other),
    };
}
