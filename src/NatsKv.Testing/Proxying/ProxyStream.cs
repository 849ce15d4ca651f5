using System.Net.Sockets;

namespace NatsKv.Testing.Proxying;

/// <summary>What happens to the bytes of one direction, in all connections of a proxy; and how many there were.</summary>
internal sealed class ProxyStream
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _stall;
    private volatile bool _swallows;
    private long _forwarded;
    private long _swallowed;

    public long Forwarded => Interlocked.Read(ref _forwarded);

    public long Swallowed => Interlocked.Read(ref _swallowed);

    public void Stall()
    {
        lock (_lock)
        {
            _stall ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Swallow() => _swallows = true;

    public void Resume()
    {
        TaskCompletionSource? stall;
        lock (_lock)
        {
            _swallows = false;
            stall = _stall;
            _stall = null;
        }

        stall?.TrySetResult();
    }

    /// <summary>
    /// Moves bytes until the sender has closed its side. It looks for readable bytes without taking them (a read of nothing), so that
    /// while the stream is stalled they stay where the sender feels them.
    /// </summary>
    public async Task PumpAsync(Socket from, Socket to, CancellationToken ct)
    {
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            await from.ReceiveAsync(Memory<byte>.Empty, ct).ConfigureAwait(false);
            await FlowingAsync(ct).ConfigureAwait(false);
            int count = await from.ReceiveAsync(buffer, ct).ConfigureAwait(false);
            if (count == 0)
            {
                to.Shutdown(SocketShutdown.Send);
                return;
            }

            await FlowingAsync(ct).ConfigureAwait(false);
            if (_swallows)
            {
                Interlocked.Add(ref _swallowed, count);
            }
            else
            {
                for (int sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), ct).ConfigureAwait(false);
                }

                Interlocked.Add(ref _forwarded, count);
            }
        }
    }

    private async ValueTask FlowingAsync(CancellationToken ct)
    {
        while (true)
        {
            Task stall;
            lock (_lock)
            {
                if (_stall is null)
                {
                    return;
                }

                stall = _stall.Task;
            }

            await stall.WaitAsync(ct).ConfigureAwait(false);
        }
    }
}
