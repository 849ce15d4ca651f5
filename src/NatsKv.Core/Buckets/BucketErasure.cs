using NatsKv.JetStream;
using NatsKv.Keys;

namespace NatsKv.Buckets;

/// <summary>Removes revisions from a bucket without leaving markers.</summary>
internal sealed class BucketErasure(BucketContext context)
{
    public ValueTask<long> EraseAsync(NatsKvErasure what, CallDeadline deadline)
    {
        Validate(what);

        // To the server, 0 and 1 mean 'no limit': everything would go, where nothing is below the first revision.
        return what.Before is 0 or 1 ? ValueTask.FromResult(0L) : PurgeAsync(what, deadline);
    }

    // Else a read that finds nothing would ask the leader how that comes; without the right to ask it would take its word late. What is written
    // while the request is on its way may stay, and is remembered.
    private void ForgetFloors(NatsKvErasure what, ulong newest)
    {
        if (what == default)
        {
            context.Floors?.ForgetAll(newest);
        }
        else if (what is { Filter: { } key, Keep: null } && !key.AsSpan().ContainsAny('*', '>'))
        {
            context.Floors?.Forget(key, what.Before is { } before ? Math.Min(newest, before - 1) : newest);
        }
    }

    private void Validate(NatsKvErasure what)
    {
        if (what is { Before: not null, Keep: not null })
        {
            throw new ArgumentException($"{nameof(NatsKvErasure.Before)} and {nameof(NatsKvErasure.Keep)} exclude each other: the server knows one of them at a time.", nameof(what));
        }

        if (what.Keep is { } keep)
        {
            // The server counts over everything that the filter matches, not for each key.
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keep, nameof(what));
            context.ThrowIfNotKey(what.Filter ?? throw new ArgumentException($"{nameof(NatsKvErasure.Keep)} is for one key: set {nameof(NatsKvErasure.Filter)} to it.", nameof(what)));
        }
        else if (what.Filter is { } filter)
        {
            FilterSet.Normalize([filter], context.KeyValidation);
        }
    }

    private async ValueTask<long> PurgeAsync(NatsKvErasure what, CallDeadline deadline)
    {
        ulong newest = context.Floors?.Newest() ?? 0;
        PurgeResponse response = await context.Api.AskAsync(
            $"STREAM.PURGE.{context.Subjects.Stream}",
            new PurgeRequest
            {
                Filter = what.Filter is { } filter and not ">" ? context.Subjects.KeyPrefix + filter : null,
                Sequence = what.Before,
                Keep = (ulong?)what.Keep,
            },
            JetStreamJsonContext.Default.PurgeRequest,
            JetStreamJsonContext.Default.PurgeResponse,
            deadline).ConfigureAwait(false);
        if (response.Error is { } error)
        {
            throw ApiErrors.ToException(error, context.Subjects.Bucket);
        }

        ForgetFloors(what, newest);
        return response.Purged;
    }
}
