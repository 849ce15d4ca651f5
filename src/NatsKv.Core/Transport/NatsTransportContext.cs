using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace NatsKv.Transport;

/// <summary>What a transport is made with.</summary>
/// <param name="Settings">Where to connect and how.</param>
/// <param name="LoggerFactory">Where to log.</param>
/// <param name="TimeProvider">The clock.</param>
[Experimental("NATSKV001")]
public sealed record NatsTransportContext(NatsKvConnectionSettings Settings, ILoggerFactory LoggerFactory, TimeProvider TimeProvider);
