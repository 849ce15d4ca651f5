using System.Globalization;

namespace NatsKv.JetStream;

/// <summary>A lost compare-and-set, which the server reports in two ways.</summary>
internal static class WrongLastSequence
{
    /// <summary>
    /// Whether the error means that the expected revision is not the latest: 10071, or on a replicated bucket, while another write of the
    /// key is under way, 10164.
    /// </summary>
    public static bool Is(ApiError error) => error.ErrorCode is ErrorCodes.WrongLastSequence or ErrorCodes.WrongLastSequenceInFlight;

    /// <summary>The revision that the server has, when its text ends in it: <c>wrong last sequence: 7</c>.</summary>
    public static ulong? Actual(ApiError error)
    {
        int colon = error.Description.LastIndexOf(':');
        return colon >= 0 && ulong.TryParse(error.Description.AsSpan(colon + 1).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong actual)
            ? actual
            : null;
    }
}
