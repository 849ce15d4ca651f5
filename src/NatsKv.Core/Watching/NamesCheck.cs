using NatsKv.Buckets;
using NatsKv.JetStream;

namespace NatsKv.Watching;

/// <summary>Asks the leader which keys there are: how many, or all names, page by page, about 34 bytes a key. The values stay where they are.</summary>
internal sealed class NamesCheck(BucketContext context, WatchPlan plan)
{
    // Behind the last name of any stream: then the answer has the number of names and none of them.
    private const long BehindAll = int.MaxValue;

    /// <summary>How many names match the only filter, and the last sequence at that moment; <see langword="null"/> if there are several filters.</summary>
    public async ValueTask<(long Names, ulong Last)?> CountAsync(CancellationToken cancellationToken)
    {
        if (plan.Filters.Length != 1)
        {
            return null;
        }

        StreamNamesResponse answer = await AskAsync(plan.Filters[0], BehindAll, cancellationToken).ConfigureAwait(false);
        return (answer.Total, answer.State.LastSequence);
    }

    /// <summary>Tells a census all names that match the filters.</summary>
    /// <returns>How far the stream went when they had been named, and whether that took one answer, which is of one moment, or several.</returns>
    public async ValueTask<(ulong Last, bool IsOfOneMoment)> LookAsync(KeyCensus census, CancellationToken cancellationToken)
    {
        census.BeginLook();
        ulong last = 0;
        int pages = 0;
        foreach (string filter in plan.Filters)
        {
            long offset = 0;
            StreamNamesResponse page;
            do
            {
                page = await AskAsync(filter, offset, cancellationToken).ConfigureAwait(false);
                last = Math.Max(last, page.State.LastSequence);
                pages++;
                foreach (ulong subject in page.State.Subjects ?? [])
                {
                    census.Named(subject);
                }

                offset += page.State.Subjects?.Count ?? 0;
            }
            while (page.State.Subjects is { Count: > 0 } && offset < page.Total);
        }

        return (last, pages == 1);
    }

    private async ValueTask<StreamNamesResponse> AskAsync(string filter, long offset, CancellationToken cancellationToken)
    {
        StreamNamesResponse page = await context.Api.AskAsync(
            $"STREAM.INFO.{context.Subjects.Stream}",
            new StreamNamesRequest { Filter = context.Subjects.KeyPrefix + filter, Offset = offset },
            JetStreamJsonContext.Default.StreamNamesRequest,
            JetStreamJsonContext.Default.StreamNamesResponse,
            cancellationToken).ConfigureAwait(false);
        return page.Error is { } error ? throw ApiErrors.ToException(error, context.Subjects.Bucket)
            : page.Cluster is { Name.Length: > 0, Leader: null or "" } ? throw ApiErrors.Leaderless(context.Subjects.Bucket)
            : page;
    }
}
