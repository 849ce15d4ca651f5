using System.Text.Json;
using NatsKv.JetStream;
using NatsKv.Transport;

namespace NatsKv.Buckets;

/// <summary>What the answers to writes mean.</summary>
internal sealed class WriteReplies(BucketContext context)
{
    /// <summary>Makes the result of an answer.</summary>
    /// <param name="write">What was sent.</param>
    /// <param name="reply">The answer.</param>
    /// <param name="result">What became of it.</param>
    /// <param name="refusal">Why nobody could take it just now; <see langword="null"/> if nobody was there.</param>
    /// <returns><see langword="false"/> when nobody could take the write just now.</returns>
    /// <exception cref="NatsKvException">It was refused for good.</exception>
    public bool TryDecode(in PreparedWrite write, in NatsReply reply, out NatsKvWriteResult result, out ApiError? refusal)
    {
        result = default;
        refusal = null;
        if (ApiErrors.IsNoResponders(reply))
        {
            return false;
        }

        try
        {
            if (PubAck.TryRead(reply.Payload, out ulong revision, out refusal))
            {
                result = Stored(write.Key, revision);
                return true;
            }
        }
        catch (JsonException exception)
        {
            throw new NatsKvException($"The server's answer to a write of key '{write.Key}' in bucket '{context.Subjects.Bucket}' can't be read.", exception);
        }

        switch (refusal)
        {
            case null:
                throw new NatsKvException($"The server's answer to a write of key '{write.Key}' in bucket '{context.Subjects.Bucket}' has no revision.");
            case { ErrorCode: ErrorCodes.ClusterNotAvailable or ErrorCodes.LastSequenceUnavailable or ErrorCodes.DuplicateInFlight }:
                return false;
            case var _ when WrongLastSequence.Is(refusal):
                result = new NatsKvWriteResult(IsStored: false, WrongLastSequence.Actual(refusal) ?? 0);
                return true;
            default:
                throw Refusal(write, refusal);
        }
    }

    /// <summary>A write took place.</summary>
    public NatsKvWriteResult Stored(string key, ulong revision)
    {
        context.Floors?.Written(key, revision);
        return new NatsKvWriteResult(IsStored: true, revision);
    }

    /// <summary>The revision of a write that must have taken place.</summary>
    /// <exception cref="NatsKvRevisionMismatchException">It has not.</exception>
    public ulong RevisionOf(in PreparedWrite write, in NatsKvWriteResult result) => RevisionOf(write.Key, write.Expected, result);

    /// <inheritdoc cref="RevisionOf(in PreparedWrite, in NatsKvWriteResult)"/>
    public ulong RevisionOf(string key, ulong? expected, in NatsKvWriteResult result) => result.IsStored
        ? result.Revision
        : throw new NatsKvRevisionMismatchException(context.Subjects.Bucket, key, expected ?? 0, result.Revision == 0 ? null : result.Revision);

    private NatsKvException Refusal(in PreparedWrite write, ApiError error)
    {
        switch (error.ErrorCode)
        {
            case ErrorCodes.MessageTooLarge:
                return new NatsKvValueTooLargeException(context.Subjects.Bucket, write.Key, write.Size, context.Traits?.MaxValueSize);
            case ErrorCodes.RollupNotPermitted:
                context.Forget();
                return ApiErrors.NoRollup(context.Subjects.Bucket);
            case ErrorCodes.MessageTtlDisabled:
                context.Forget();
                break;
        }

        return ApiErrors.ToException(error, context.Subjects.Bucket);
    }
}
