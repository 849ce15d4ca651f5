using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using NatsKv.Transport;

namespace NatsKv.Connection;

/// <summary>
/// One request, its reply decoded where it arrives, and the result for the caller: what an async method would do, in an object that serves
/// many calls in turn. The compiler's own pooling keeps one object a core, which is no use to sixty-four callers at once.
/// </summary>
/// <typeparam name="TResult">What the caller gets.</typeparam>
internal abstract class ResultOperation<TResult> : Continuation, INatsReplyHandler, IValueTaskSource<TResult>
{
    private readonly Action _onSlowResult;
    private ManualResetValueTaskSourceCore<TResult> _core;
    private ConfiguredValueTaskAwaitable<TResult>.ConfiguredValueTaskAwaiter _slow;
    private TResult? _result;
    private Exception? _error;

    protected ResultOperation() => _onSlowResult = OnSlowResult;

    public void OnReply(in NatsReply reply)
    {
        try
        {
            if (TryDecode(reply, out _result!))
            {
                Ready();
                return;
            }
        }
        catch (Exception exception)
        {
            _error = exception;
        }

        Continue();
    }

    public void OnError(Exception error)
    {
        _error = error;
        Continue();
    }

    public override void Complete()
    {
        if (_error is { } error)
        {
            _core.SetException(error);
        }
        else
        {
            _core.SetResult(_result!);
        }
    }

    public TResult GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            _result = default;
            _error = null;
            Release();
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    /// <summary>Sends the request.</summary>
    /// <returns>The result; to be awaited once.</returns>
    protected ValueTask<TResult> Begin(INatsTransport transport, in NatsOutgoingMessage message, CancellationToken cancellationToken)
    {
        var result = new ValueTask<TResult>(this, _core.Version);
        transport.BeginRequest(message, this, cancellationToken);
        return result;
    }

    /// <summary>Makes the result of a reply.</summary>
    /// <returns><see langword="false"/> when it takes more questions: then <see cref="ContinueAsync"/> is called.</returns>
    protected abstract bool TryDecode(in NatsReply reply, out TResult result);

    /// <summary>Whether there is something else to try when there is no reply; else the error is the outcome.</summary>
    protected abstract bool CanContinueAfter(Exception error);

    /// <summary>The rest of the operation when the reply was not all, or when <see cref="CanContinueAfter"/> says so.</summary>
    protected abstract ValueTask<TResult> ContinueAsync(bool hasReply);

    /// <summary>The call is over; what it used can go.</summary>
    protected abstract void Release();

    private void Continue()
    {
        try
        {
            if (_error is { } error && !CanContinueAfter(error))
            {
                Ready();
                return;
            }

            bool hasReply = _error is null;
            _error = null;
            AwaitSlow(ContinueAsync(hasReply));
        }
        catch (Exception exception)
        {
            _error = exception;
            Ready();
        }
    }

    private void AwaitSlow(ValueTask<TResult> result)
    {
        _slow = result.ConfigureAwait(false).GetAwaiter();
        if (_slow.IsCompleted)
        {
            OnSlowResult();
        }
        else
        {
            _slow.UnsafeOnCompleted(_onSlowResult);
        }
    }

    private void OnSlowResult()
    {
        try
        {
            _result = _slow.GetResult();
        }
        catch (Exception exception)
        {
            _error = exception;
        }

        Ready();
    }
}
