using System.Buffers;
using NatsKv.JetStream;

namespace NatsKv.Buckets;

/// <summary>
/// Putting a key that has no value. A key that was deleted still has its marker, so 'expected revision 0' alone is not enough: then the
/// marker's revision is expected. Only the leader's answer counts here, a replica's may be old; and the marker may be replaced in between.
/// </summary>
internal sealed class BucketCreates(BucketReads reads, BucketWrites writes)
{
    private const int MostAttempts = 5;

    private static readonly NatsKvReadOptions Anything = new() { FromLeader = true, IncludeDeleted = true };

    public async ValueTask<NatsKvWriteResult> TryCreateAsync(string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CallDeadline deadline)
    {
        if (options.ExpectedRevision is not null)
        {
            throw new ArgumentException($"Creating key '{key}' expects that it has no value; leave ExpectedRevision out, or use UpdateAsync.", nameof(options));
        }

        ulong expected = 0;
        for (int attempt = 1; attempt <= MostAttempts; attempt++)
        {
            NatsKvWriteResult result = await writes.TryWriteAsync(
                NatsKvOperation.Put, key, value, options with { ExpectedRevision = expected }, deadline).ConfigureAwait(false);
            if (result.IsStored)
            {
                return result;
            }

            // Is a value or a marker in the way?
            (NatsKvOperation operation, ulong revision) = await reads.ReadAsync(
                key, 0, static (entry, _) => (entry.Operation, entry.Revision), Anything, deadline).ConfigureAwait(false);
            if (revision > 0 && operation == NatsKvOperation.Put)
            {
                return new NatsKvWriteResult(IsStored: false, revision);
            }

            expected = revision;
        }

        return new NatsKvWriteResult(IsStored: false, Revision: 0);
    }
}
