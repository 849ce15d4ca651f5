namespace NatsKv.LoadTest.Measuring;

/// <summary>Says on a terminal what is being measured; into a file, only results go.</summary>
internal sealed class RowProgress(string row)
{
    private const int Width = 78;

    public void Report(string what)
    {
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write($"\r{$"{row}: {what}",-Width}");
        }
    }

    public void Report(int pair, int pairs) => Report($"{pair} of {pairs} pairs of slices");

    public static void Clear()
    {
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write("\r" + new string(' ', Width) + "\r");
        }
    }
}
