using System.Runtime.InteropServices;
using NatsKv.JetStream;

namespace NatsKv.Watching;

/// <summary>What the leader said of a stream at a moment up to which everything has been handed over.</summary>
/// <param name="Created">When the stream was made, which tells it from a later one of the same name.</param>
/// <param name="Last">The last sequence.</param>
/// <param name="LastTime">When the message of that sequence was stored; kept by the server also when the message is gone.</param>
/// <param name="Messages">How many messages there are.</param>
/// <param name="Subjects">How many names they have.</param>
/// <param name="ServerTime">When the leader said so, by its clock; servers before 2.10 don't tell.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct StreamMark(
    DateTimeOffset Created, ulong Last, DateTimeOffset LastTime, long Messages, long Subjects, DateTimeOffset? ServerTime)
{
    public static StreamMark From(StreamInfoResponse leader) => new(
        leader.Created, leader.State.LastSequence, leader.State.LastTime, leader.State.Messages, leader.State.Subjects, leader.Time);
}
