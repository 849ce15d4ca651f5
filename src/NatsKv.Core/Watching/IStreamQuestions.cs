using NatsKv.JetStream;

namespace NatsKv.Watching;

/// <summary>What a <see cref="StreamJudge"/> asks the stream's leader.</summary>
internal interface IStreamQuestions
{
    /// <summary>How the stream stands now.</summary>
    ValueTask<StreamInfoResponse> AskLeaderAsync(CancellationToken cancellationToken);

    /// <summary>When the message of a sequence was stored; <see langword="null"/> if there is none.</summary>
    ValueTask<DateTimeOffset?> TimeOfAsync(ulong sequence, CancellationToken cancellationToken);

    /// <summary>Whether a message up to a sequence was stored at a time or later.</summary>
    ValueTask<bool> HasSinceAsync(DateTimeOffset time, ulong upTo, CancellationToken cancellationToken);

    /// <summary>Tells a census which keys there are.</summary>
    ValueTask NameAllAsync(KeyCensus census, CancellationToken cancellationToken);
}
