namespace NatsKv;

/// <summary>One <c>AddNatsKv(…)</c> call's settings; several apply in order.</summary>
internal sealed record NatsKvConfigureOptions(Action<NatsKvOptions> Configure);
