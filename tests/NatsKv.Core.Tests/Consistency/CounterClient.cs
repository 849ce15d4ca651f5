using System.Globalization;

namespace NatsKv.Tests.Consistency;

/// <summary>Counts up in one key by compare-and-set, beside others who do the same.</summary>
internal sealed class CounterClient(INatsKvBucket bucket, string key, int seed)
{
    private const int LongestPauseMilliseconds = 16;
    private readonly Random _random = new(seed);

    // A replica that lags behind may not have the counter yet when this client first reads; from then on it must not vanish.
    private bool _hasSeen;

    /// <summary>How many increments were acknowledged.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>How many may have been stored or not, by their own word.</summary>
    public int Unknown { get; private set; }

    /// <summary>How many somebody else was faster than.</summary>
    public int Lost { get; private set; }

    /// <summary>Goes on until it is told to stop, and ends what is under way.</summary>
    public async Task RunAsync(Func<bool> isOver, CancellationToken ct)
    {
        while (!isOver())
        {
            try
            {
                NatsKvEntry? entry = await bucket.GetAsync(key, ct);
                if (entry is not null)
                {
                    _hasSeen = true;
                    await IncrementAsync(entry, ct);
                }
                else if (_hasSeen)
                {
                    throw new InvalidOperationException("A counter that was there has vanished.");
                }
            }
            catch (NatsKvException exception) when (exception.IsTransient)
            {
                // The read, or a write that was refused: again.
            }

            await Task.Delay(_random.Next(LongestPauseMilliseconds), ct);
        }
    }

    private async Task IncrementAsync(NatsKvEntry entry, CancellationToken ct)
    {
        int next = int.Parse(entry.GetString(), CultureInfo.InvariantCulture) + 1;
        try
        {
            await bucket.UpdateAsync(key, next.ToString(CultureInfo.InvariantCulture), entry.Revision, cancellationToken: ct);
            Acknowledged++;
        }
        catch (NatsKvRevisionMismatchException)
        {
            Lost++;
        }
        catch (NatsKvOutcomeUnknownException)
        {
            Unknown++;
        }
    }
}
