using System.Text;
using Microsoft.Extensions.Primitives;
using NATS.Client.Core;

namespace NatsKv.NatsNet;

/// <summary>Brings a header block into the form in which the official client takes headers.</summary>
internal static class OutgoingHeaders
{
    /// <exception cref="NatsKvException">The client can't write a value as it stands.</exception>
    public static NatsHeaders? From(ReadOnlySpan<byte> block, Encoding encoding)
    {
        if (block.IsEmpty)
        {
            return null;
        }

        // The dictionary that the client makes itself would take names that differ in case for one.
        var store = new Dictionary<string, StringValues>(StringComparer.Ordinal);
        foreach (NatsKvHeaderLine line in new NatsKvHeaderBlock(block))
        {
            string name = Encoding.ASCII.GetString(line.Name);
            string value = Text(name, line.Value, encoding);
            store[name] = store.TryGetValue(name, out StringValues earlier) ? StringValues.Concat(earlier, value) : value;
        }

        return new NatsHeaders(store);
    }

    private static string Text(string name, ReadOnlySpan<byte> value, Encoding encoding)
    {
        string text = Encoding.UTF8.GetString(value);
        if (Ascii.IsValid(value))
        {
            return text;
        }

        // The client would write question marks.
        return encoding.GetByteCount(text) == value.Length && encoding.GetBytes(text).AsSpan().SequenceEqual(value)
            ? text
            : throw new NatsKvException(
                $"The connection can't send header '{name}': its value is not ASCII. Set NatsOpts.HeaderEncoding to Encoding.UTF8, or encode the value, for example as Base64.");
    }
}
