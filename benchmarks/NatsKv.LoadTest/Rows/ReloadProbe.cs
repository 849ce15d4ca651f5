using System.Globalization;

namespace NatsKv.LoadTest.Rows;

/// <summary>Takes the time when a configuration raises its reload token with the awaited number in it; nothing is bound.</summary>
internal sealed class ReloadProbe(string url, string bucket) : IChangeProbe
{
    private readonly ConfigurationProbe _configuration = new(url, bucket);
    private readonly CountdownEvent _missing = new(1);

    public void Await(long number)
    {
        _missing.Reset();
        _configuration.Await(number.ToString(CultureInfo.InvariantCulture), _missing);
    }

    public long WaitUntilSeen() =>
        _missing.Wait(TimeSpan.FromSeconds(30)) ? _configuration.SeenAt : throw new TimeoutException("A reload was not raised within 30 s.");

    public void Dispose()
    {
        _configuration.Dispose();
        _missing.Dispose();
    }
}
