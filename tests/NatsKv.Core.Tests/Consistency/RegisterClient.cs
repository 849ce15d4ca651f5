using System.Globalization;
using System.Text;

namespace NatsKv.Tests.Consistency;

/// <summary>
/// Reads and writes a few keys at random, and notes what it was told. What it has written it reads at once through another connection, when a
/// replica is most likely to lag behind.
/// </summary>
/// <param name="bucket">The bucket.</param>
/// <param name="elsewhere">The same bucket through another connection.</param>
/// <param name="keys">The keys.</param>
/// <param name="number">The client's number, part of the names of its writes.</param>
/// <param name="seed">Decides what it does.</param>
internal sealed class RegisterClient(INatsKvBucket bucket, INatsKvBucket elsewhere, IReadOnlyList<string> keys, int number, int seed)
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
            RegisterOperationKind kind = RandomKind();
            bool isDone = await OperateAsync(bucket, key, kind, ct);
            if (isDone && kind != RegisterOperationKind.Read)
            {
                await OperateAsync(elsewhere, key, RegisterOperationKind.Read, ct);
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

    private RegisterOperationKind RandomKind() => _random.Next(8) switch
    {
        < 4 => RegisterOperationKind.Read,
        4 => RegisterOperationKind.Write,
        5 => RegisterOperationKind.Create,
        _ => RegisterOperationKind.CompareAndSet,
    };

    private async Task<bool> OperateAsync(INatsKvBucket through, string key, RegisterOperationKind kind, CancellationToken ct)
    {
        if (await TryOperateAsync(through, key, kind, ct) is not { } operation)
        {
            return false;
        }

        lock (History)
        {
            History[key].Add(operation);
        }

        bool isDone = operation.Outcome == RegisterOutcome.Done;
        _known[key] = isDone ? operation.Revision : _known[key];
        return isDone;
    }

    // None for what was refused: nothing was read or stored then. A conditional write whose outcome can't be found out says so.
    private async Task<RegisterOperation?> TryOperateAsync(INatsKvBucket through, string key, RegisterOperationKind kind, CancellationToken ct)
    {
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
            operation = operation.Kind == RegisterOperationKind.Read ? await ReadAsync(through, key, operation, ct) : operation with { Revision = await WriteAsync(key, operation, ct) };
        }
        catch (NatsKvException exception) when (exception is NatsKvRevisionMismatchException or NatsKvKeyExistsException)
        {
            operation = operation with { Outcome = RegisterOutcome.Lost };
        }
        catch (NatsKvOutcomeUnknownException)
        {
            operation = operation with { Outcome = RegisterOutcome.Unknown };
        }
        catch (NatsKvException exception) when (kind == RegisterOperationKind.Write && exception is NatsKvTimeoutException or NatsKvConnectionException)
        {
            operation = operation with { Outcome = RegisterOutcome.Unknown };
        }
        catch (NatsKvException exception) when (exception.IsTransient)
        {
            return null;
        }

        return operation with { End = TimeProvider.System.GetTimestamp() };
    }

    private static async Task<RegisterOperation> ReadAsync(INatsKvBucket through, string key, RegisterOperation operation, CancellationToken ct)
    {
        var options = new NatsKvReadOptions { FromLeader = true, IncludeDeleted = true };
        (ulong revision, long found) = await through.ReadAsync(
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
