namespace NatsKv.Tests.Watching.Fire;

/// <summary>What is done to a watch, its connection, its server or its bucket.</summary>
internal enum FireStepKind
{
    /// <summary>The watch's connection is reset.</summary>
    Cut,

    /// <summary>It is reset, and none is accepted for a while.</summary>
    CutFor,

    /// <summary>What the server sends to the watch is held back for a while.</summary>
    Stall,

    /// <summary>What the server sends to the watch gets lost for a while, heartbeats and answers alike.</summary>
    Swallow,

    /// <summary>A server is killed and started again.</summary>
    Kill,

    /// <summary>A server is stopped in good order and started again.</summary>
    Restart,

    /// <summary>The server stands still for a while, its connections open.</summary>
    Pause,

    /// <summary>The server starts again with nothing; somebody makes the bucket anew.</summary>
    Wipe,

    /// <summary>The server starts again with an older copy of its store.</summary>
    SetBack,

    /// <summary>The bucket is deleted and made anew after a while.</summary>
    Recreate,

    /// <summary>Everything in the bucket is removed without a marker.</summary>
    PurgeAll,

    /// <summary>Some keys are removed without a marker.</summary>
    PurgeSome,

    /// <summary>Keys are deleted while the watch is away, and their markers removed before it comes back.</summary>
    LoseMarkers,

    /// <summary>Somebody deletes the watch's consumer.</summary>
    DeleteConsumer,

    /// <summary>The stream's leader steps down.</summary>
    StepDown,

    /// <summary>The node that our client is connected to is cut off from the others for a while.</summary>
    IsolateOurs,

    /// <summary>The stream's leader is cut off from the others for a while.</summary>
    IsolateLeader,
}
