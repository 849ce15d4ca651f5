using System.Text.Json;
using NatsKv.JetStream;

namespace NatsKv.Tests.JetStream;

public sealed class BucketStreamTests
{
    [Fact]
    public void ToStream_Defaults_AreSentAsAdr8Says() => Assert.Equal(
        """
        {"name":"KV_b","subjects":["$KV.b.>"],"retention":"limits","storage":"file","num_replicas":1,"max_consumers":-1,"max_msgs":-1,
        "max_msgs_per_subject":1,"max_bytes":-1,"max_msg_size":-1,"max_age":0,"duplicate_window":120000000000,"discard":"new",
        "deny_delete":true,"allow_rollup_hdrs":true,"allow_direct":true}
        """.ReplaceLineEndings(""),
        Json(new NatsKvBucketConfig { Bucket = "b" }));

    [Fact]
    public void ToStream_EverySetting_IsSentInTheServersUnits() => Assert.Equal(
        """
        {"name":"KV_My-bucket_1","description":"text","subjects":["$KV.My-bucket_1.>"],"retention":"limits","storage":"memory","num_replicas":3,
        "max_consumers":-1,"max_msgs":-1,"max_msgs_per_subject":64,"max_bytes":1000000,"max_msg_size":1000,"max_age":90000000000,
        "duplicate_window":90000000000,"discard":"new","deny_delete":true,"allow_rollup_hdrs":true,"allow_direct":true,"compression":"s2",
        "allow_msg_ttl":true,"subject_delete_marker_ttl":1500000000}
        """.ReplaceLineEndings(""),
        Json(Everything));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(119, 119)]
    [InlineData(120, 120)]
    [InlineData(121, 120)] // The server refuses a window longer than the values live, and two minutes are its default.
    public void ToStream_MaxAge_CapsTheDuplicateWindow(int maxAgeSeconds, int windowSeconds)
    {
        StreamConfigDocument stream = BucketStream.ToStream(new NatsKvBucketConfig { Bucket = "b", MaxAge = TimeSpan.FromSeconds(maxAgeSeconds) });

        Assert.Equal(windowSeconds * 1_000_000_000L, stream.DuplicateWindow);
    }

    [Fact]
    public void FromStream_WhatWasSent_IsTheSameConfig()
    {
        var plain = new NatsKvBucketConfig { Bucket = "b" };

        Assert.Equal(Everything, RoundTrip(Everything));
        Assert.Equal(plain, RoundTrip(plain));
    }

    [Fact]
    public void FromStream_AServersAnswer_HasItsLimits()
    {
        const string Answer = """{"name":"KV_b","max_msgs_per_subject":5,"max_bytes":0,"max_msg_size":-1,"max_age":1500000000,"storage":"memory","num_replicas":3,"compression":"none","subject_delete_marker_ttl":0,"allow_direct":true,"unknown":{"x":[1]}}""";

        NatsKvBucketConfig config = BucketStream.FromStream("b", JsonSerializer.Deserialize(Answer, JetStreamJsonContext.Default.StreamConfigDocument)!);

        Assert.Equal(
            new NatsKvBucketConfig { Bucket = "b", History = 5, MaxAge = TimeSpan.FromSeconds(1.5), Storage = NatsKvStorage.Memory, Replicas = 3 }, config);
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(64, true)]
    public void IsBucket_LimitPerSubject_Decides(long limit, bool isBucket) =>
        Assert.Equal(isBucket, BucketStream.IsBucket(new StreamConfigDocument { MaxMessagesPerSubject = limit }));

    public static TheoryData<NatsKvBucketConfig, string> WrongConfigs => new()
    {
        { new NatsKvBucketConfig { Bucket = "b", History = 0 }, "History of bucket 'b' is 0; it must be 1 to 64 revisions." },
        { new NatsKvBucketConfig { Bucket = "b", History = 65 }, "History of bucket 'b' is 65; it must be 1 to 64 revisions." },
        { new NatsKvBucketConfig { Bucket = "b", Replicas = 0 }, "Replicas of bucket 'b' is 0; it must be 1 to 5." },
        { new NatsKvBucketConfig { Bucket = "b", Replicas = 6 }, "Replicas of bucket 'b' is 6; it must be 1 to 5." },
        { new NatsKvBucketConfig { Bucket = "b", MaxAge = TimeSpan.Zero }, "MaxAge of bucket 'b' is 00:00:00; it must be 0.1 seconds or longer." },
        { new NatsKvBucketConfig { Bucket = "b", MaxAge = TimeSpan.FromSeconds(-1) }, "MaxAge of bucket 'b' is -00:00:01; it must be 0.1 seconds or longer." },
        { new NatsKvBucketConfig { Bucket = "b", MaxBytes = 0 }, "MaxBytes of bucket 'b' is 0; it must be greater than zero." },
        { new NatsKvBucketConfig { Bucket = "b", MaxValueSize = -1 }, "MaxValueSize of bucket 'b' is -1; it must be greater than zero." },
        { new NatsKvBucketConfig { Bucket = "b", LimitMarkerTtl = TimeSpan.FromMilliseconds(999) }, "LimitMarkerTtl of bucket 'b' is 00:00:00.9990000; it must be one second or longer." },
    };

    [Theory]
    [MemberData(nameof(WrongConfigs))]
    public void ToStream_WrongSetting_SaysWhichAndWhatItMustBe(NatsKvBucketConfig config, string message) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => BucketStream.ToStream(config)).Message);

    [Fact]
    public void ToStream_TimesThatNanosecondsCannotHold_AreRefusedByName()
    {
        Assert.Contains("MaxAge", Assert.Throws<ArgumentException>(() => BucketStream.ToStream(new NatsKvBucketConfig { Bucket = "b", MaxAge = TimeSpan.MaxValue })).Message, StringComparison.Ordinal);
        Assert.Contains("LimitMarkerTtl", Assert.Throws<ArgumentException>(() => BucketStream.ToStream(new NatsKvBucketConfig { Bucket = "b", LimitMarkerTtl = TimeSpan.MaxValue })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ToStream_IllegalName_IsRefused() => Assert.Throws<ArgumentException>(() => BucketStream.ToStream(new NatsKvBucketConfig { Bucket = "a.b" }));

    private static NatsKvBucketConfig Everything => new()
    {
        Bucket = "My-bucket_1",
        Description = "text",
        History = 64,
        MaxAge = TimeSpan.FromSeconds(90),
        LimitMarkerTtl = TimeSpan.FromSeconds(1.5),
        MaxValueSize = 1000,
        MaxBytes = 1_000_000,
        Storage = NatsKvStorage.Memory,
        Replicas = 3,
        Compression = true,
    };

    private static string Json(NatsKvBucketConfig config) =>
        JsonSerializer.Serialize(BucketStream.ToStream(config), JetStreamJsonContext.Default.StreamConfigDocument).Replace("\\u003E", ">", StringComparison.Ordinal);

    private static NatsKvBucketConfig RoundTrip(NatsKvBucketConfig config) => BucketStream.FromStream(
        config.Bucket, JsonSerializer.Deserialize(Json(config), JetStreamJsonContext.Default.StreamConfigDocument)!);
}
