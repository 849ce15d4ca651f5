using System.Globalization;
using System.Text;

namespace NatsKv.Tests.Consistency;

/// <summary>Reads and writes a few keys at random, and notes what it was told.</summary>
internal sealed class RegisterClient(INatsKvBucket bucket, IReadOnlyList<string> keys, int number, int seed)
{
    private const string NameHeader = "Write-Name";
    private const int LongestPauseMilliseconds = 8;
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, ulong> _known = keys.ToDictionary(static key => key, static _ => 0UL);
    private long _writes;

    /// <summary>What was done, by key.</summary>
    public Dictionary<string, List<RegisterOperation>> History { get; } = keys.ToDictionary(static key => key, static _ => new List<RegisterOperation>());

    /// <summary>Goes on until it is told to stop, and ends what is under way.</summary>
    public async Task RunAsync(Func<bool> isOver, CancellationToken ct)
    {
        while (!isOver())
        {
            string key = keys[_random.Next(keys.Count)];
            if (await OperateAsync(key, ct) is { } operation)
            {
                lock (History)
                {
                    History[key].Add(operation);
                }

                _known[key] = operation.Outcome == RegisterOutcome.Done ? operation.Revision : _known[key];
            }

            await Task.Delay(_random.Next(LongestPauseMilliseconds), ct);
        }
    }

    public bool HasDone(Func<RegisterOperation, bool> what)
    {
        lock (History)
        {
            return History.Values.Any(operations => operations.Any(what));
        }
    }

    // None for what was refused: nothing was read or stored then.
    private async Task<RegisterOperation?> OperateAsync(string key, CancellationToken ct)
    {
        RegisterOperationKind kind = _random.Next(8) switch
        {
            < 4 => RegisterOperationKind.Read,
            4 => RegisterOperationKind.Write,
            5 => RegisterOperationKind.Create,
            _ => RegisterOperationKind.CompareAndSet,
        };
        var operation = new RegisterOperation
        {
            Kind = kind,
            Start = TimeProvider.System.GetTimestamp(),
            End = long.MaxValue,
            Write = kind == RegisterOperationKind.Read ? 0 : (++_writes * 1000) + number,
            IsMarker = kind is RegisterOperationKind.Write or RegisterOperationKind.CompareAndSet && _random.Next(3) == 0,
            Expected = kind == RegisterOperationKind.CompareAndSet ? _known[key] : 0,
        };
        try
        {
            operation = operation.Kind == RegisterOperationKind.Read ? await ReadAsync(key, operation, ct) : operation with { Revision = await WriteAsync(key, operation, ct) };
        }
        catch (NatsKvException exception) when (exception is NatsKvRevisionMismatchException or NatsKvKeyExistsException)
        {
            operation = operation with { Outcome = RegisterOutcome.Lost };
        }
        catch (NatsKvServerException exception) when (exception.IsTransient)
        {
            return null;
        }
        catch (NatsKvException exception) when (exception.IsTransient)
        {
            operation = operation with { Outcome = RegisterOutcome.Unknown };
        }

        return operation is { Kind: RegisterOperationKind.Read, Outcome: RegisterOutcome.Unknown } ? null : operation with { End = TimeProvider.System.GetTimestamp() };
    }

    private async Task<RegisterOperation> ReadAsync(string key, RegisterOperation operation, CancellationToken ct)
    {
        var options = new NatsKvReadOptions { FromLeader = true, IncludeDeleted = true };
        (ulong revision, long found) = await bucket.ReadAsync(
            key,
            0,
            static (entry, _) => (entry.Revision, long.Parse(entry.Headers.TryGet("Write-Name"u8, out ReadOnlySpan<byte> name) ? name : entry.Value, CultureInfo.InvariantCulture)),
            options,
            ct);
        return operation with { Revision = revision, Found = found };
    }

    private ValueTask<ulong> WriteAsync(string key, RegisterOperation operation, CancellationToken ct)
    {
        string name = operation.Write.ToString(CultureInfo.InvariantCulture);
        ulong? expected = operation.Kind == RegisterOperationKind.CompareAndSet ? operation.Expected : null;
        if (operation.IsMarker)
        {
            return bucket.DeleteAsync(key, new NatsKvWriteOptions { ExpectedRevision = expected, Headers = new NatsKvHeaders { { NameHeader, name } } }, ct);
        }

        return operation.Kind == RegisterOperationKind.Create
            ? bucket.CreateAsync(key, name, cancellationToken: ct)
            : bucket.PutAsync(key, new(Encoding.UTF8.GetBytes(name)), new NatsKvWriteOptions { ExpectedRevision = expected }, ct);
    }
}
