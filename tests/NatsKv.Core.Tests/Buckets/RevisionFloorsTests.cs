using NatsKv.Buckets;
using NatsKv.TestKit;

namespace NatsKv.Tests.Buckets;

public sealed class RevisionFloorsTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void IsCurrent_OlderThanWrittenOrSeen_IsNot()
    {
        var floors = new RevisionFloors(_time);
        floors.Written("own", 7);
        floors.Seen("other", 5);
        floors.Seen("other", 3);

        Assert.False(floors.IsCurrent("own", 6));
        Assert.False(floors.IsCurrent("own", 0));
        Assert.True(floors.IsCurrent("own", 7));
        Assert.True(floors.IsCurrent("own", 8));
        Assert.False(floors.IsCurrent("other", 4));
        Assert.True(floors.IsCurrent("other", 5));
        Assert.True(floors.IsCurrent("never heard of", 0));
        Assert.Equal(7UL, floors.FloorOf("own"));
        Assert.Equal(0UL, floors.FloorOf("never heard of"));
    }

    [Fact]
    public void Forget_OneKeyOrAll()
    {
        var floors = new RevisionFloors(_time);
        floors.Written("a", 7);
        floors.Written("b", 8);

        floors.Forget("a", 7);
        Assert.True(floors.IsCurrent("a", 0));
        Assert.False(floors.IsCurrent("b", 0));

        floors.Clear();
        Assert.True(floors.IsCurrent("b", 0));
    }

    [Fact]
    public void ForgetAll_WrittenMeanwhile_IsKept()
    {
        var floors = new RevisionFloors(_time);
        Assert.Equal(0UL, floors.Newest());
        floors.Written("a", 7);
        floors.Seen("b", 8);
        ulong newest = floors.Newest();
        floors.Written("c", 9);

        floors.ForgetAll(newest);

        Assert.Equal((8UL, 0UL, 0UL, 9UL), (newest, floors.FloorOf("a"), floors.FloorOf("b"), floors.FloorOf("c")));
    }

    [Fact]
    public void Identify_AnotherStream_MakesEverythingVoid()
    {
        var floors = new RevisionFloors(_time);
        DateTimeOffset created = _time.GetUtcNow();
        floors.Identify(created);
        floors.Written("key", 7);

        floors.Identify(created);
        Assert.False(floors.IsCurrent("key", 6));

        floors.Identify(created.AddSeconds(1));
        Assert.True(floors.IsCurrent("key", 0));
    }

    [Fact]
    public void Forget_WrittenMeanwhile_IsKept()
    {
        var floors = new RevisionFloors(_time);
        floors.Written("key", 9);

        floors.Forget("key", 8);

        Assert.False(floors.IsCurrent("key", 8));
    }

    [Fact]
    public void Identify_ForTheFirstTime_KeepsWhatWasWrittenBefore()
    {
        var floors = new RevisionFloors(_time);
        floors.Written("key", 7);

        floors.Identify(_time.GetUtcNow());

        Assert.False(floors.IsCurrent("key", 6));
        Assert.True(floors.TryDisown());
        Assert.True(floors.IsCurrent("key", 0));
        floors.Written("key", 8);
        Assert.False(floors.TryDisown());
        Assert.False(floors.IsCurrent("key", 7));
    }

    [Fact]
    public void OwnWrites_AsManyAsFit_AreAllRemembered()
    {
        var floors = new RevisionFloors(_time);
        for (ulong number = 1; number <= 20_000; number++)
        {
            floors.Written($"key.{number}", number);
        }

        for (ulong number = 1; number <= 20_000; number++)
        {
            Assert.False(floors.IsCurrent($"key.{number}", number - 1));
        }
    }

    [Fact]
    public void OwnWrites_MoreThanFit_NoneIsEverBelievedTooOld()
    {
        // Whatever is forgotten, an old answer must not pass: either the key is known, or everything unknown is doubted.
        var floors = new RevisionFloors(_time);
        for (ulong number = 1; number <= 400_000; number++)
        {
            floors.Written($"key.{number}", number);
            floors.Seen($"seen.{number}", number);
        }

        for (ulong number = 1; number <= 400_000; number += 7)
        {
            Assert.False(floors.IsCurrent($"key.{number}", number - 1));
        }

        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.True(floors.IsCurrent("never heard of", 0));
    }

    [Fact]
    public void SeenOnly_NeverDisplacesAFreshOwnWrite()
    {
        var floors = new RevisionFloors(_time);
        floors.Written("own", 1_000_000);
        for (ulong number = 1; number <= 300_000; number++)
        {
            floors.Seen($"seen.{number}", number);
        }

        Assert.False(floors.IsCurrent("own", 999_999));
        Assert.True(floors.IsCurrent("never heard of", 0));
    }

    [Fact]
    public void Fingerprints_SimilarKeys_Differ()
    {
        var floors = new RevisionFloors(_time);
        string[] keys = [.. Enumerable.Range(0, 10_000).SelectMany(static number => new[] { $"a.{number}", $"{number}.a", $"a{number}a", new string('x', number % 40) + number })];
        for (int i = 0; i < keys.Length; i++)
        {
            // Two keys with the same fingerprint would show as a floor before the key was ever written.
            Assert.True(floors.IsCurrent(keys[i], 0), keys[i]);
            floors.Seen(keys[i], 1);
        }
    }
}
