using AkkaOverlay.EndToEnd.Tests;

// Every lab has namespaces of its own, and most specs wait more than they work: two of them side by side.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Specs that load the machine or hold something to its time: one after the other, when all others have ended.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = nameof(Alone);
}
