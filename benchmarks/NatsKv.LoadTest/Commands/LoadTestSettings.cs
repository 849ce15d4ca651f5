namespace NatsKv.LoadTest.Commands;

/// <summary>What the command line asks for.</summary>
internal sealed record LoadTestSettings
{
    public required bool Quick { get; init; }

    public required FileInfo? Json { get; init; }

    public required IReadOnlyList<string> Rows { get; init; }

    public required double? Seconds { get; init; }

    /// <summary>Another client to measure beside ours.</summary>
    public required string? Peer { get; init; }

    public required bool ListOnly { get; init; }
}
