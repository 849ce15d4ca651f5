using System.Globalization;

namespace NatsKv.Tests.Watching.Fire;

/// <summary>One step of a script.</summary>
/// <param name="Pause">How long nothing is done before it.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Length">How long what is done for a while lasts.</param>
/// <param name="Pick">Chooses among nodes.</param>
internal sealed record FireStep(TimeSpan Pause, FireStepKind Kind, TimeSpan Length, int Pick)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"+{Pause.TotalMilliseconds:F0} {Kind} {Length.TotalMilliseconds:F0} #{Pick}");
}
