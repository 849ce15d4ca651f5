using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace NatsKv.LoadTest.Rows;

/// <summary>A host with options from a bucket, which takes the time when a number arrives in <see cref="IOptionsMonitor{TOptions}.OnChange"/>.</summary>
internal sealed class ProbeHost : IChangeProbe
{
    private readonly IHost _host;
    private readonly IDisposable? _registration;
    private readonly AutoResetEvent _seen = new(initialState: false);
    private long _awaited = -1;
    private long _seenAt;

    public ProbeHost(string url, string bucket)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddNatsKv(source =>
        {
            source.Bucket = bucket;
            source.ReloadDelay = TimeSpan.Zero;
            source.ConfigureConnection = options => options.Url = url;
        });
        builder.Services.Configure<ProbeOptions>(builder.Configuration.GetSection(ProbeOptions.Section));
        _host = builder.Build();
        _registration = _host.Services.GetRequiredService<IOptionsMonitor<ProbeOptions>>().OnChange(OnChange);
    }

    public void Await(long number) => Interlocked.Exchange(ref _awaited, number);

    public long WaitUntilSeen() =>
        _seen.WaitOne(TimeSpan.FromSeconds(30)) ? Volatile.Read(ref _seenAt) : throw new TimeoutException("A change did not arrive within 30 s.");

    public void Dispose()
    {
        _registration?.Dispose();
        _host.Dispose();
        _seen.Dispose();
    }

    private void OnChange(ProbeOptions options)
    {
        if (options.Number == Volatile.Read(ref _awaited))
        {
            Volatile.Write(ref _seenAt, Stopwatch.GetTimestamp());
            _seen.Set();
        }
    }
}
