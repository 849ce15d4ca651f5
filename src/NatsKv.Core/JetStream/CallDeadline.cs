using NatsKv.Transport;

namespace NatsKv.JetStream;

/// <summary>Until when a call must be over, with all its requests and pauses, and the caller's token that ends it earlier.</summary>
internal readonly struct CallDeadline
{
    private readonly TimeProvider? _time;
    private readonly long _start;

    /// <summary>A call begins.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="length">How long it may take.</param>
    /// <param name="token">The caller's token.</param>
    public CallDeadline(TimeProvider time, TimeSpan length, CancellationToken token)
    {
        _time = time;
        _start = time.GetTimestamp();
        Length = length;
        Token = token;
    }

    private CallDeadline(CancellationToken token) => Token = token;

    /// <summary>The caller's token.</summary>
    public CancellationToken Token { get; }

    /// <summary>How long the call may take; zero if only its requests are limited, each by itself.</summary>
    public TimeSpan Length { get; }

    /// <summary>What is left; never negative. <see cref="TimeSpan.MaxValue"/> if only the requests are limited.</summary>
    public TimeSpan Left
    {
        get
        {
            if (_time is null)
            {
                return TimeSpan.MaxValue;
            }

            TimeSpan left = Length - _time.GetElapsedTime(_start);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Only the requests are limited, each by itself, as those of a watch are: it has no end that one could wait for.</summary>
    public static CallDeadline PerRequest(CancellationToken token) => new(token);

    /// <summary>The message, with what is left of the call for its answer.</summary>
    /// <exception cref="NatsKvTimeoutException">Nothing is left.</exception>
    public NatsOutgoingMessage Limit(in NatsOutgoingMessage message)
    {
        if (_time is null)
        {
            return message;
        }

        TimeSpan left = Left;
        if (left == TimeSpan.Zero)
        {
            throw new NatsKvTimeoutException(
                Length, $"The call did not come to an end within {Length.TotalSeconds:0.##} s; '{message.Subject}' was not sent any more.", wasSent: false);
        }

        return message.Timeout > TimeSpan.Zero && message.Timeout < left ? message : message with { Timeout = left };
    }

    /// <summary>For a part of the call that may take so long at most.</summary>
    public CallDeadline Within(TimeSpan most) => _time is not null && most < Left ? new CallDeadline(_time, most, Token) : this;

    /// <summary>A pause, cut to what is left.</summary>
    public TimeSpan Limit(TimeSpan pause) => Left is var left && pause < left ? pause : left;
}
