namespace NatsKv.Tests.Consistency;

/// <summary>Makes sound histories at random: clients whose operations take effect at some moment between their start and their end. Pure.</summary>
internal sealed class RegisterSimulation(int seed)
{
    private const int Clients = 5;
    private readonly Random _random = new(seed);
    private readonly List<RegisterOperation> _history = [];
    private readonly Client[] _clients = [.. Enumerable.Range(0, Clients).Select(static _ => new Client())];

    // Writes whose clients have given up, and that take effect some time, or never.
    private readonly List<RegisterOperation> _late = [];
    private RegisterOperation? _latest;
    private ulong _revision;
    private long _now;
    private long _names;

    public IReadOnlyList<RegisterOperation> Run(int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            _now += _random.Next(3);
            Advance(_clients[_random.Next(Clients)], mayBegin: true);
            if (_late.Count > 0 && _random.Next(10) == 0)
            {
                int index = _random.Next(_late.Count);
                _ = _random.Next(2) == 0 ? TakeEffect(_late[index]) : null;
                _late.RemoveAt(index);
            }
        }

        foreach (Client client in _clients)
        {
            while (client.UnderWay is not null)
            {
                _now++;
                Advance(client, mayBegin: false);
            }
        }

        return _history;
    }

    private void Advance(Client client, bool mayBegin)
    {
        if (client.UnderWay is not { } operation)
        {
            client.UnderWay = mayBegin ? Begin(client) : null;
        }
        else if (client.Result is { } result)
        {
            _history.Add(result with { End = _now });
            client.Known = result.Outcome == RegisterOutcome.Done ? result.Revision : client.Known;
            (client.UnderWay, client.Result) = (null, null);
        }
        else if (operation.Kind != RegisterOperationKind.Read && _random.Next(8) == 0)
        {
            // It took effect, or will, or never does.
            client.Result = operation with { Outcome = RegisterOutcome.Unknown };
            if (_random.Next(2) == 0)
            {
                TakeEffect(operation);
            }
            else
            {
                _late.Add(operation);
            }
        }
        else
        {
            client.Result = TakeEffect(operation);
        }
    }

    private RegisterOperation Begin(Client client)
    {
        var kind = (RegisterOperationKind)_random.Next(4);
        return new RegisterOperation
        {
            Kind = kind,
            Start = _now,
            End = long.MaxValue,
            Write = kind == RegisterOperationKind.Read ? 0 : ++_names,
            IsMarker = kind is RegisterOperationKind.Write or RegisterOperationKind.CompareAndSet && _random.Next(3) == 0,
            Expected = kind == RegisterOperationKind.CompareAndSet ? client.Known : 0,
        };
    }

    private RegisterOperation TakeEffect(RegisterOperation operation)
    {
        bool isLost = operation.Kind switch
        {
            RegisterOperationKind.CompareAndSet => operation.Expected != (_latest?.Revision ?? 0),
            RegisterOperationKind.Create => _latest is { IsMarker: false },
            _ => false,
        };
        if (isLost)
        {
            return operation with { Outcome = RegisterOutcome.Lost };
        }

        if (operation.Kind == RegisterOperationKind.Read)
        {
            return operation with { Revision = _latest?.Revision ?? 0, Found = _latest?.Write ?? 0 };
        }

        _revision += (ulong)_random.Next(1, 4);
        return _latest = operation with { Revision = _revision };
    }

    private sealed class Client
    {
        public RegisterOperation? UnderWay { get; set; }

        public RegisterOperation? Result { get; set; }

        public ulong Known { get; set; }
    }
}
