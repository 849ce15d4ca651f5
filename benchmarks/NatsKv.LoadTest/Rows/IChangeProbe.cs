namespace NatsKv.LoadTest.Rows;

/// <summary>Takes the time when an awaited number arrives.</summary>
internal interface IChangeProbe : IDisposable
{
    void Await(long number);

    /// <summary>When the awaited number was seen.</summary>
    long WaitUntilSeen();
}
