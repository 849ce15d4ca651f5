namespace NatsKv.LoadTest.Commands;

/// <summary>Prints what takes a while, in order.</summary>
internal sealed class LineProgress : IProgress<string>
{
    public void Report(string value) => Console.WriteLine(value);
}
