using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace NatsKv.Caching.Tests.Server;

/// <summary>Real ASP.NET Core sessions over the cache: the consumer that reads in parallel, slides, and calls the sync methods.</summary>
public sealed class SessionTests(CacheServer server)
{
    // Both hosts must be able to read the other's cookies; the keys end with the test.
    private readonly IDataProtectionProvider _protection = new EphemeralDataProtectionProvider();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Session_OverTwoHosts_KeepsItsValues()
    {
        string bucket = server.NewName("sessions");
        await using WebApplication first = await StartHost(bucket);
        await using WebApplication second = await StartHost(bucket);
        using var handler = new HttpClientHandler { CookieContainer = new CookieContainer() };
        using var http = new HttpClient(handler);

        Assert.Equal("1", await http.GetStringAsync($"{first.Urls.First()}/count", Ct));
        Assert.Equal("2", await http.GetStringAsync($"{second.Urls.First()}/count", Ct));
        string[] parallel = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            http.GetStringAsync($"{(i % 2 == 0 ? first : second).Urls.First()}/read{(i % 3 == 0 ? "-sync" : "")}", Ct)));

        Assert.All(parallel, count => Assert.Equal("2", count));
        Assert.Equal("3", await http.GetStringAsync($"{first.Urls.First()}/count", Ct));
        NatsKvBucketStatus status = await server.Client.Bind(bucket).GetStatusAsync(Ct);
        Assert.Equal(1, status.Values);
    }

    private async Task<WebApplication> StartHost(string bucket)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["NatsKv:Url"] = server.Url;
        builder.Services.AddNatsKvCache(bucket);
        builder.Services.AddSession(options => options.IdleTimeout = TimeSpan.FromSeconds(9.9));
        builder.Services.AddSingleton(_protection);
        WebApplication app = builder.Build();
        app.UseSession();
        app.MapGet("/count", (HttpContext http) =>
        {
            int count = (http.Session.GetInt32("count") ?? 0) + 1;
            http.Session.SetInt32("count", count);
            return count.ToString(System.Globalization.CultureInfo.InvariantCulture);
        });
        app.MapGet("/read", async (HttpContext http) =>
        {
            await http.Session.LoadAsync();
            return http.Session.GetInt32("count").ToString();
        });
        app.MapGet("/read-sync", (HttpContext http) => http.Session.GetInt32("count").ToString());
        await app.StartAsync(Ct);
        return app;
    }
}
