namespace WorkerSample.Demo;

/// <summary>Prints the story, and keeps whether every step of it was true.</summary>
internal sealed class DemoScript
{
    private int _steps;
    private int _failures;

    public void Scene(string title)
    {
        Console.WriteLine();
        Console.WriteLine($"## {title}");
    }

    public void Say(string text) => Console.WriteLine($"   {text}");

    /// <summary>A step that must hold.</summary>
    public void Check(bool holds, string text)
    {
        _steps++;
        _failures += holds ? 0 : 1;
        Console.WriteLine($"{(holds ? "ok" : "NO"),2} {text}");
    }

    /// <summary>Prints the end.</summary>
    /// <returns>The exit code.</returns>
    public int Finish(TimeSpan time)
    {
        Console.WriteLine();
        Console.WriteLine(_failures == 0
            ? $"All {_steps} steps were true, in {time.TotalSeconds:0.0} s."
            : $"{_failures} of {_steps} steps were not true.");
        return _failures == 0 ? 0 : 1;
    }
}
