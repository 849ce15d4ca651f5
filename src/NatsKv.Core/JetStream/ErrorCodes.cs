namespace NatsKv.JetStream;

/// <summary>JetStream's error codes that mean something to us.</summary>
internal static class ErrorCodes
{
    public const int BadRequest = 10003;
    public const int ClusterNotAvailable = 10008;
    public const int ConsumerNotFound = 10014;
    public const int NoMessageFound = 10037;
    public const int NotEnabledForAccount = 10039;
    public const int StreamNotCreated = 10049;
    public const int InvalidStreamConfig = 10052;
    public const int MessageTooLarge = 10054;
    public const int StreamNameInUse = 10058;
    public const int StreamNotFound = 10059;
    public const int SubjectsOverlap = 10065;
    public const int WrongLastMessageId = 10070;
    public const int WrongLastSequence = 10071;
    public const int ReplicasNotPossible = 10074;
    public const int NotEnabled = 10076;
    public const int StoreFailed = 10077;
    public const int RollupNotPermitted = 10111;
    public const int DuplicateInFlight = 10158;
    public const int MessageTtlDisabled = 10166;
    public const int WrongLastSequenceInFlight = 10164;
    public const int LastSequenceUnavailable = 10163;
}
