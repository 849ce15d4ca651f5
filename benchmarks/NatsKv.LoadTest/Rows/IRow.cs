using NatsKv.LoadTest.Reporting;

namespace NatsKv.LoadTest.Rows;

/// <summary>One thing to measure. Its constructor does nothing.</summary>
internal interface IRow
{
    string Name { get; }

    int Callers { get; }

    int ValueBytes { get; }

    /// <summary>Whether the row belongs to the quick run.</summary>
    bool IsQuick { get; }

    /// <summary>Sets up, measures, and clears away. Called on a thread of its own, which it may block.</summary>
    RowResult Measure(RowContext context);
}
