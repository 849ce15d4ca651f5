using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NatsKv.Testing;

namespace NatsKv.Tests.Connection;

/// <summary>The same threads serve a TLS connection.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("natskv-tls-").FullName;
    private readonly X509Certificate2 _certificate;

    public TlsTests()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(CertificateFile, _certificate.ExportCertificatePem());
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string CertificateFile => Path.Combine(_folder, "cert.pem");

    private string KeyFile => Path.Combine(_folder, "key.pem");

    [Fact]
    public async Task TrustedCertificate_AThousandGetsAndALargeValue()
    {
        await using NatsServer server = await StartAsync();
        await using NatsKvClient client = NewClient(server, trust: true);
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket", Storage = NatsKvStorage.Memory }, Ct);
        await bucket.PutAsync("key", "value", cancellationToken: Ct);
        byte[] large = RandomNumberGenerator.GetBytes(1_000_000);
        await bucket.PutAsync("large", large, cancellationToken: Ct);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            for (int i = 0; i < 50; i++)
            {
                Assert.Equal("value", (await bucket.GetAsync("key", Ct))!.GetString());
            }
        }));

        Assert.Equal(large, (await bucket.GetAsync("large", Ct))!.Value.ToArray());
        Assert.Equal(5, bucket.Blocking.Read("key", 0, static (entry, _) => entry.Value.Length, cancellationToken: Ct));
    }

    [Fact]
    public async Task UnknownCertificate_IsRefusedWithTheReason()
    {
        await using NatsServer server = await StartAsync();
        await using NatsKvClient client = NewClient(server, trust: false);

        NatsKvConnectionException thrown = await Assert.ThrowsAsync<NatsKvConnectionException>(async () => await client.PingAsync(Ct));

        Assert.Equal(NatsKvConnectionFailure.Tls, thrown.Failure);
        Assert.False(thrown.IsTransient);
    }

    [Fact]
    public async Task ServerDemandsTls_PlainUrlIsToldWhichToUse()
    {
        await using NatsServer server = await StartAsync();
        await using var client = new NatsKvClient(new NatsKvOptions { Url = server.Url });

        NatsKvConnectionException thrown = await Assert.ThrowsAsync<NatsKvConnectionException>(async () => await client.PingAsync(Ct));

        Assert.Equal(NatsKvConnectionFailure.Tls, thrown.Failure);
        Assert.Contains($"tls://127.0.0.1:{server.Port}", thrown.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<NatsServer> StartAsync() => NatsServer.StartAsync(
        new NatsServerOptions { ExtraConfiguration = $"tls {{ timeout: 60, cert_file: \"{CertificateFile}\", key_file: \"{KeyFile}\" }}" }, Ct);

    private NatsKvClient NewClient(NatsServer server, bool trust) => new(new NatsKvOptions
    {
        Url = $"tls://127.0.0.1:{server.Port}",
        ConnectTimeout = TimeSpan.FromMinutes(1),
        RequestTimeout = TimeSpan.FromMinutes(1),
        ConfigureTls = !trust ? null : options => options.RemoteCertificateValidationCallback =
            (_, certificate, _, _) => certificate?.GetCertHashString(HashAlgorithmName.SHA256) == _certificate.GetCertHashString(HashAlgorithmName.SHA256),
    });
}
