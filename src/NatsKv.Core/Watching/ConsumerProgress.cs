namespace NatsKv.Watching;

/// <summary>
/// Tells when a consumer stands still: its heartbeats come and nothing else does, although there is known to be more; or crawls. The replica that
/// it reads from may never catch up, while others are sound; and one that was behind when keys were purged may give a single message with
/// each heartbeat (nats-server 2.15.1), while a sound one sends no heartbeat before it has sent all that it has. Pure, and not for several threads.
/// </summary>
/// <remarks>
/// Time begins with the first such heartbeat that was taken in, and between heartbeats nothing is handed over: so a slow reader, who takes in at once what the
/// server said over a long time, is never mistaken for a consumer that stands still.
/// </remarks>
internal sealed class ConsumerProgress(TimeProvider time, TimeSpan heartbeat)
{
    private const int Heartbeats = 3;
    private const int LongestFactor = 8;
    private const int MostWhenCrawling = 10;

    // With short heartbeats, an election or a replica that takes its time would look like one that never catches up.
    private static readonly TimeSpan ShortestPatience = TimeSpan.FromSeconds(2);

    private readonly TimeSpan _patience = heartbeat * Heartbeats > ShortestPatience ? heartbeat * Heartbeats : ShortestPatience;
    private int _factor = 1;
    private int _heartbeats;
    private int _messages;
    private long _since;
    private ulong _looked;

    /// <summary>For how long the present consumer may stand still: longer with each that did, until one has come to where nothing more is known.</summary>
    public TimeSpan Patience => _patience * _factor;

    /// <summary>There is another consumer.</summary>
    public void Started()
    {
        _heartbeats = 0;
        _messages = 0;
        _looked = 0;
    }

    /// <summary>It handed over a message.</summary>
    public void Moved() => _messages++;

    /// <summary>A heartbeat was taken in.</summary>
    /// <param name="looked">How far in the stream the consumer has looked.</param>
    /// <param name="expectsMore">Whether there is known to be something behind that.</param>
    /// <param name="mayCrawl">
    /// Whether a few messages since the heartbeat before are progress enough: they are when it was the reader who made the server wait.
    /// </param>
    /// <returns>Whether the consumer is to be given up.</returns>
    public bool StandsStill(ulong looked, bool expectsMore, bool mayCrawl)
    {
        bool hasMoved = _messages == 0 ? looked > _looked : mayCrawl || _messages > MostWhenCrawling;
        _looked = looked;
        _messages = 0;
        if (!expectsMore)
        {
            _heartbeats = 0;
            _factor = 1;
            return false;
        }

        _heartbeats = hasMoved ? 0 : _heartbeats;
        if (_heartbeats++ == 0)
        {
            _since = time.GetTimestamp();
        }

        if (_heartbeats <= Heartbeats || time.GetElapsedTime(_since) < Patience)
        {
            return false;
        }

        _heartbeats = 0;
        _factor = Math.Min(_factor * 2, LongestFactor);
        return true;
    }
}
