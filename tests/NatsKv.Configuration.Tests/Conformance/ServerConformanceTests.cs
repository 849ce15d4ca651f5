using Microsoft.Extensions.Configuration;
using NatsKv.Configuration.Tests.Live;

namespace NatsKv.Configuration.Tests.Conformance;

public sealed class ServerConformanceTests(Server server) : ConformanceTests
{
    protected override void Add(IConfigurationBuilder builder, params (string Key, string Value)[] content)
    {
        using var client = new NatsKvClient(new NatsKvOptions { Url = server.Url });
        string name = server.NewName("conformance");
        INatsKvBucket bucket = client.Blocking.CreateBucket(
            new NatsKvBucketConfig { Bucket = name, Storage = NatsKvStorage.Memory }, TestContext.Current.CancellationToken);
        foreach ((string key, string value) in content)
        {
            bucket.Blocking.Put(key, new(System.Text.Encoding.UTF8.GetBytes(value)), default, TestContext.Current.CancellationToken);
        }

        builder.AddNatsKv(source =>
        {
            source.Bucket = name;
            source.ConfigureConnection = options => options.Url = server.Url;
        });
    }
}
