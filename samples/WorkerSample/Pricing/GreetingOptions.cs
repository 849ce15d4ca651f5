namespace WorkerSample.Pricing;

/// <summary>Bound to section <c>Greeting</c>, which comes from the bucket: <c>Greeting.Text</c> and <c>Greeting.Repeat</c>.</summary>
internal sealed class GreetingOptions
{
    public string Text { get; set; } = "Hello";

    public int Repeat { get; set; } = 1;

    public override string ToString() => $"\"{string.Join(' ', Enumerable.Repeat(Text, Repeat))}\"";
}
