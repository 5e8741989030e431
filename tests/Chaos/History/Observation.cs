using System.Text.Json.Serialization;

namespace AkkaOverlay.Chaos.History;

/// <summary>
/// One thing that was seen from outside, as the checker gets it: plain text and numbers, no type of the product.
/// Times are seconds since the run began, of one monotonic clock, that of the observer.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "is")]
[JsonDerivedType(typeof(HostStarted), "started")]
[JsonDerivedType(typeof(HostEnded), "ended")]
[JsonDerivedType(typeof(EndForced), "end forced")]
[JsonDerivedType(typeof(HostDied), "died")]
[JsonDerivedType(typeof(HostLeft), "left")]
[JsonDerivedType(typeof(HostCouldNotLeave), "could not leave")]
[JsonDerivedType(typeof(HostSays), "status")]
[JsonDerivedType(typeof(LedgerSays), "ledger")]
[JsonDerivedType(typeof(FileSays), "file")]
[JsonDerivedType(typeof(KernelHolds), "kernel")]
[JsonDerivedType(typeof(ReleaseAsked), "release")]
[JsonDerivedType(typeof(Granted), "granted")]
[JsonDerivedType(typeof(SteadyFrom), "steady")]
[JsonDerivedType(typeof(Acted), "act")]
[JsonDerivedType(typeof(PingsDone), "pings")]
[JsonDerivedType(typeof(Healed), "healed")]
[JsonDerivedType(typeof(Settled), "settled")]
public abstract record Observation;

/// <summary>
/// When an answer was true. A question is answered at some instant between asking and hearing, so that what was seen held for certain only from
/// <see cref="From"/>, when the first such answer was heard, to <see cref="To"/>, when the last one was asked for.
/// </summary>
/// <param name="Asked">The first question.</param>
/// <param name="From">The first answer.</param>
/// <param name="To">The last question.</param>
/// <param name="Heard">The last answer.</param>
public sealed record Span(double Asked, double From, double To, double Heard)
{
    public static Span Of(double asked, double heard) => new(asked, heard, asked, heard);

    public Span Until(Span later) => this with { To = later.To, Heard = later.Heard };
}

/// <summary>An answer that may stay the same for long.</summary>
public abstract record Sight(string Host, Span When) : Observation;

/// <param name="Subnet">Null where the host says that it holds none.</param>
/// <param name="Generation">0 where it holds none.</param>
public sealed record HostSays(string Host, Span When, int Run, string Node, string? Subnet, long Generation, bool Ready, string Cluster) : Sight(Host, When);

/// <summary>What a host knows of the ledger.</summary>
/// <param name="Live">It was heard from the allocator, by this very process.</param>
public sealed record LedgerSays(string Host, Span When, int Run, bool Live, long Revision, IReadOnlyList<LeaseSeen> Leases) : Sight(Host, When)
{
    public bool Equals(LedgerSays? other) =>
        other is not null && (Host, When, Run, Live, Revision) == (other.Host, other.When, other.Run, other.Live, other.Revision) && Leases.SequenceEqual(other.Leases);

    public override int GetHashCode() => HashCode.Combine(Host, Run, Live, Revision, Leases.Count);
}

public sealed record LeaseSeen(string Node, string Subnet, long Generation, string? PublicIp);

/// <param name="Subnet">FLANNEL_SUBNET; null where there is no file.</param>
public sealed record FileSays(string Host, Span When, string? Subnet) : Sight(Host, When);

/// <summary>Destinations of the kernel's routes with our protocol number, as iproute2 lists them.</summary>
public sealed record KernelHolds(string Host, Span When, IReadOnlyList<string> Routes) : Sight(Host, When)
{
    public bool Equals(KernelHolds? other) => other is not null && (Host, When) == (other.Host, other.When) && Routes.SequenceEqual(other.Routes);

    public override int GetHashCode() => HashCode.Combine(Host, Routes.Count);
}
