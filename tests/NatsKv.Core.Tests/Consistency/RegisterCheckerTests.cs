namespace NatsKv.Tests.Consistency;

public sealed class RegisterCheckerTests
{
    private const int Seeds = 300;
    private const int Steps = 400;

    [Fact]
    public void SoundHistories_AnySeed_HaveNoViolation()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            IReadOnlyList<RegisterOperation> history = new RegisterSimulation(seed).Run(Steps);

            Assert.True(RegisterChecker.FindViolations(history) is [], $"Seed {seed}: {string.Join('\n', RegisterChecker.FindViolations(history))}");
        }
    }

    /// <summary>One operation of a sound history is changed so that no order explains it any more.</summary>
    [Theory]
    [InlineData(nameof(StaleRead), "was known before it began")]
    [InlineData(nameof(ReadOfTheFuture), "was known before it began")]
    [InlineData(nameof(ReadOfAnUnknownWriteBeforeItsStart), "was known before it began")]
    [InlineData(nameof(ReadOfNothingAfterAWrite), "was known before it began")]
    [InlineData(nameof(ReadOfNobodysWrite), "nobody wrote what was read")]
    [InlineData(nameof(ReadOfALostWrite), "told that it lost")]
    [InlineData(nameof(RevisionGivenTwice), "two writes, one revision")]
    [InlineData(nameof(WriteOrderedBeforeAnEarlierOne), "was known before it began")]
    [InlineData(nameof(CompareAndSetOverAnotherRevision), "another revision than it expected")]
    [InlineData(nameof(CreateOverAValue), "a create replaced a value")]
    [InlineData(nameof(CompareAndSetLostToNobody), "a lost race without a winner")]
    [InlineData(nameof(CreateLostToNobody), "a lost race without a winner")]
    public void PlantedViolation_AnySeed_IsFound(string kind, string violation)
    {
        Func<List<RegisterOperation>, Random, bool> plant = Planting(kind);
        int planted = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            List<RegisterOperation> history = [.. new RegisterSimulation(seed).Run(Steps)];
            if (plant(history, new Random(seed)))
            {
                planted++;
                Assert.True(
                    RegisterChecker.FindViolations(history).Any(found => found.Contains(violation, StringComparison.Ordinal)), $"Seed {seed}: {kind} was not found.");
            }
        }

        Assert.InRange(planted, Seeds / 10, Seeds);
    }

    [Fact]
    public void LongHistory_IsCheckedInTheTimeOfSorting()
    {
        IReadOnlyList<RegisterOperation> history = new RegisterSimulation(1).Run(300_000);

        Assert.InRange(history.Count, 90_000, 110_000);
        Assert.Empty(RegisterChecker.FindViolations(history));
    }

    private static Func<List<RegisterOperation>, Random, bool> Planting(string kind) => kind switch
    {
        nameof(StaleRead) => StaleRead,
        nameof(ReadOfTheFuture) => ReadOfTheFuture,
        nameof(ReadOfAnUnknownWriteBeforeItsStart) => ReadOfAnUnknownWriteBeforeItsStart,
        nameof(ReadOfNothingAfterAWrite) => ReadOfNothingAfterAWrite,
        nameof(ReadOfNobodysWrite) => ReadOfNobodysWrite,
        nameof(ReadOfALostWrite) => ReadOfALostWrite,
        nameof(RevisionGivenTwice) => RevisionGivenTwice,
        nameof(WriteOrderedBeforeAnEarlierOne) => WriteOrderedBeforeAnEarlierOne,
        nameof(CompareAndSetOverAnotherRevision) => CompareAndSetOverAnotherRevision,
        nameof(CreateOverAValue) => CreateOverAValue,
        nameof(CompareAndSetLostToNobody) => CompareAndSetLostToNobody,
        _ => CreateLostToNobody,
    };

    private static bool StaleRead(List<RegisterOperation> history, Random random) => Change(
        history,
        random,
        IsRead,
        (read, write) => IsStored(write) && history.Exists(known => known.Outcome == RegisterOutcome.Done && known.End < read.Start && known.Revision > write.Revision),
        static (read, write) => read with { Revision = write.Revision, Found = write.Write });

    private static bool ReadOfTheFuture(List<RegisterOperation> history, Random random) => Change(
        history,
        random,
        IsRead,
        static (read, write) => IsStored(write) && write.Start > read.End,
        static (read, write) => read with { Revision = write.Revision, Found = write.Write });

    private static bool ReadOfAnUnknownWriteBeforeItsStart(List<RegisterOperation> history, Random random) => Change(
        history,
        random,
        static unknown => unknown.Outcome == RegisterOutcome.Unknown,
        static (unknown, read) => IsRead(read) && read.Found == unknown.Write,
        static (unknown, read) => unknown with { Start = read.End + 1 });

    private static bool ReadOfNothingAfterAWrite(List<RegisterOperation> history, Random random) => Change(
        history,
        random,
        IsRead,
        static (read, write) => IsStored(write) && write.End < read.Start,
        static (read, _) => read with { Revision = 0, Found = 0 });

    private static bool ReadOfNobodysWrite(List<RegisterOperation> history, Random random) => Change(
        history, random, static read => IsRead(read) && read.Revision != 0, static (_, _) => true, static (read, _) => read with { Found = -1 });

    private static bool ReadOfALostWrite(List<RegisterOperation> history, Random random) => Change(
        history,
        random,
        static write => IsStored(write) && write.Kind != RegisterOperationKind.Write,
        static (write, read) => IsRead(read) && read.Found == write.Write,
        static (write, _) => write with { Outcome = RegisterOutcome.Lost, Revision = 0 });

    private static bool RevisionGivenTwice(List<RegisterOperation> history, Random random) => Change(
        history, random, IsStored, static (write, other) => IsStored(other) && other.Write != write.Write, static (write, other) => write with { Revision = other.Revision });

    private static bool WriteOrderedBeforeAnEarlierOne(List<RegisterOperation> history, Random random)
    {
        RegisterOperation[] writes = [.. history.Where(static write => IsStored(write) && write.Kind == RegisterOperationKind.Write)];
        (RegisterOperation First, RegisterOperation Second)[] pairs = [.. writes.SelectMany(first => writes.Where(second => first.End < second.Start).Select(second => (first, second)))];
        if (pairs.Length == 0)
        {
            return false;
        }

        (RegisterOperation early, RegisterOperation late) = pairs[random.Next(pairs.Length)];
        history[history.IndexOf(early)] = early with { Revision = late.Revision };
        history[history.IndexOf(late)] = late with { Revision = early.Revision };
        return true;
    }

    private static bool CompareAndSetOverAnotherRevision(List<RegisterOperation> history, Random random) => Change(
        history,
        random,
        static write => IsStored(write) && write.Kind == RegisterOperationKind.CompareAndSet,
        static (write, other) => IsStored(other) && other.Revision != write.Expected,
        static (write, other) => write with { Expected = other.Revision });

    private static bool CreateOverAValue(List<RegisterOperation> history, Random random) =>
        TryForgetUnknown(history) && Change(
            history,
            random,
            write => IsStored(write) && write.Kind == RegisterOperationKind.Write &&
                history.Exists(before => IsStored(before) && !before.IsMarker && before.Revision < write.Revision &&
                    !history.Exists(between => between.Revision > before.Revision && between.Revision < write.Revision)),
            static (_, _) => true,
            static (write, _) => write with { Kind = RegisterOperationKind.Create });

    private static bool CompareAndSetLostToNobody(List<RegisterOperation> history, Random random) =>
        AddLoser(history, static latest => new RegisterOperation
        {
            Kind = RegisterOperationKind.CompareAndSet, Expected = latest.Revision, Outcome = RegisterOutcome.Lost, Start = 0, End = 0,
        });

    private static bool CreateLostToNobody(List<RegisterOperation> history, Random random) =>
        AddLoser(history, static latest => latest.IsMarker
            ? new RegisterOperation { Kind = RegisterOperationKind.Create, Outcome = RegisterOutcome.Lost, Start = 0, End = 0 }
            : null);

    // In a moment of quiet between two writes.
    private static bool AddLoser(List<RegisterOperation> history, Func<RegisterOperation, RegisterOperation?> loser)
    {
        if (!TryForgetUnknown(history))
        {
            return false;
        }

        foreach (RegisterOperation latest in history.Where(IsStored).OrderByDescending(static write => write.Revision))
        {
            long quietUntil = history.Where(write => !IsRead(write) && write.Outcome != RegisterOutcome.Lost && (write.Outcome == RegisterOutcome.Unknown || write.Revision > latest.Revision))
                .Select(static write => write.Start)
                .DefaultIfEmpty(long.MaxValue)
                .Min();
            if (quietUntil > latest.End + 2 && loser(latest) is { } added)
            {
                history.Add(added with { Write = long.MaxValue, Start = latest.End + 1, End = latest.End + 2 });
                return true;
            }
        }

        return false;
    }

    // Without the writes that may have been stored and that nobody has read. The rest may make no sense without them.
    private static bool TryForgetUnknown(List<RegisterOperation> history)
    {
        history.RemoveAll(write => write.Outcome == RegisterOutcome.Unknown && !history.Exists(read => IsRead(read) && read.Found == write.Write));
        return RegisterChecker.FindViolations(history) is [];
    }

    private static bool Change(
        List<RegisterOperation> history,
        Random random,
        Predicate<RegisterOperation> isOne,
        Func<RegisterOperation, RegisterOperation, bool> isOther,
        Func<RegisterOperation, RegisterOperation, RegisterOperation> change)
    {
        foreach (RegisterOperation one in history.FindAll(isOne).OrderBy(_ => random.Next()))
        {
            RegisterOperation[] others = [.. history.Where(other => isOther(one, other))];
            if (others.Length > 0)
            {
                history[history.IndexOf(one)] = change(one, others[random.Next(others.Length)]);
                return true;
            }
        }

        return false;
    }

    private static bool IsRead(RegisterOperation operation) => operation.Kind == RegisterOperationKind.Read;

    private static bool IsStored(RegisterOperation operation) => !IsRead(operation) && operation.Outcome == RegisterOutcome.Done;
}
