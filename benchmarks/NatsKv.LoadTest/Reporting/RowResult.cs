namespace NatsKv.LoadTest.Reporting;

/// <summary>One row of the table.</summary>
internal sealed record RowResult
{
    public required string Name { get; init; }

    public required int Callers { get; init; }

    public required int ValueBytes { get; init; }

    public required double OpsPerSecond { get; init; }

    public required double FloorOpsPerSecond { get; init; }

    /// <summary>Ours ÷ floor, or for latencies floor ÷ ours: 1 is the floor, more is better. <see langword="null"/> without a floor.</summary>
    public required double? Ratio { get; init; }

    public required double? RatioMin { get; init; }

    public required double? RatioMax { get; init; }

    public required double P50Micros { get; init; }

    public required double P99Micros { get; init; }

    public required double AllocatedBytesPerOp { get; init; }

    /// <summary>Time on the processors in this process, the server's not included; <see langword="null"/> where it wasn't measured.</summary>
    public double? CpuMicrosPerOp { get; init; }

    public double? FloorCpuMicrosPerOp { get; init; }

    /// <summary>What the columns can't say.</summary>
    public string? Note { get; init; }
}
