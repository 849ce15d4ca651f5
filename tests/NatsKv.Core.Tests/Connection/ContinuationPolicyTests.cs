using NatsKv.Connection;
using NatsKv.TestKit;

namespace NatsKv.Tests.Connection;

public sealed class ContinuationPolicyTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Adaptive_QuickCode_StaysOnTheConnectionsThread()
    {
        ContinuationPolicy policy = NewPolicy();

        Run(policy, 10_000, microseconds: 1);

        Assert.False(policy.OnPool);
    }

    [Fact]
    public void Adaptive_CodeThatWorks_GoesToThePoolAndComesBackWhenQuick()
    {
        ContinuationPolicy policy = NewPolicy();

        Run(policy, 100, microseconds: 50);
        Assert.True(policy.OnPool);
        Run(policy, 1000, microseconds: 1);
        Assert.False(policy.OnPool);
    }

    [Fact]
    public void Adaptive_OneMillisecondInAThousand_StaysMostOfTheTime()
    {
        ContinuationPolicy policy = NewPolicy();
        int onPool = 0;
        for (int i = 0; i < 10_000; i++)
        {
            Run(policy, 1, microseconds: i % 1000 == 0 ? 1000 : 1);
            onPool += policy.OnPool ? 1 : 0;
        }

        Assert.InRange(onPool, 1, 3000);
    }

    [Fact]
    public void Adaptive_CodeThatBlocked_IsKeptOffForAWhile()
    {
        ContinuationPolicy policy = NewPolicy();

        Run(policy, 1, microseconds: 100_000);
        Run(policy, 1000, microseconds: 1);
        Assert.True(policy.OnPool);
        _time.Advance(TimeSpan.FromSeconds(1));
        Run(policy, 1, microseconds: 1);
        Assert.False(policy.OnPool);
    }

    [Fact]
    public void Adaptive_ThreadWasHeld_GoesToThePoolUntilMeasuredQuick()
    {
        ContinuationPolicy policy = NewPolicy();

        policy.Held();
        Assert.True(policy.OnPool);
        Run(policy, 1000, microseconds: 1);
        Assert.False(policy.OnPool);
    }

    [Fact]
    public void OwnWork_IsNoPartOfAMeasurement()
    {
        ContinuationPolicy policy = NewPolicy();
        for (int i = 0; i < 1000; i++)
        {
            long start = policy.Start();
            _time.Advance(TimeSpan.FromMicroseconds(1));
            long own = policy.Start();
            _time.Advance(TimeSpan.FromMicroseconds(100));
            policy.Exclude(own);
            policy.Stop(start, count: 1);
        }

        Assert.False(policy.OnPool);
    }

    [Theory]
    [InlineData(20, 2, false)]
    [InlineData(20, 30, true)]
    public void SeveralMeasuredTogether_CountWithTheirAverage(int count, double microsecondsEach, bool onPool)
    {
        ContinuationPolicy policy = NewPolicy();
        for (int i = 0; i < 10; i++)
        {
            long start = policy.Start();
            _time.Advance(TimeSpan.FromMicroseconds(count * microsecondsEach));
            policy.Stop(start, count);
        }

        Assert.Equal(onPool, policy.OnPool);
    }

    [Theory]
    [InlineData(NatsKvContinuations.ThreadPool, true)]
    [InlineData(NatsKvContinuations.Inline, false)]
    public void Fixed_WhateverTheCodeDoes_DoesNotChange(NatsKvContinuations continuations, bool onPool)
    {
        var policy = new ContinuationPolicy(_time, continuations);

        Run(policy, 1000, microseconds: 1);
        Run(policy, 100, microseconds: 50_000);
        policy.Held();
        policy.Blocks();

        Assert.Equal(onPool, policy.OnPool);
    }

    private ContinuationPolicy NewPolicy() => new(_time, NatsKvContinuations.Adaptive);

    private void Run(ContinuationPolicy policy, int times, double microseconds)
    {
        for (int i = 0; i < times; i++)
        {
            long start = policy.Start();
            _time.Advance(TimeSpan.FromMicroseconds(microseconds));
            policy.Stop(start, count: 1);
        }
    }
}
