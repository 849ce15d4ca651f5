using System.Text;
using NatsKv.Configuration.Mapping;

namespace NatsKv.Configuration.Tests.Mapping;

internal static class Entries
{
    public static ApplyResult Put(this BucketView view, string key, string value, ulong revision) =>
        view.Put(key, Encoding.UTF8.GetBytes(value), revision);

    public static ApplyResult Put(this BucketView view, string key, byte[] value, ulong revision) => view.Apply(new NatsKvEntryView
    {
        Bucket = "b",
        Key = key,
        Value = value,
        Revision = revision,
        Created = DateTimeOffset.UnixEpoch,
        Operation = NatsKvOperation.Put,
    });

    public static ApplyResult Delete(this BucketView view, string key, ulong revision, NatsKvOperation operation = NatsKvOperation.Delete) =>
        view.Apply(new NatsKvEntryView { Bucket = "b", Key = key, Revision = revision, Created = DateTimeOffset.UnixEpoch, Operation = operation });
}
