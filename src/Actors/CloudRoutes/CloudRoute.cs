using System.Collections.Immutable;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.CloudRoutes;

/// <summary>Whom a route of the cloud leads to.</summary>
public enum CloudTarget
{
    /// <summary>This host.</summary>
    Here,

    /// <summary>Another machine, there or gone.</summary>
    Machine,

    /// <summary>A gateway, a peering, or what else there is: never ours.</summary>
    Other,
}

/// <summary>A route as the cloud has it.</summary>
/// <param name="Table">Route table, or network where there are no tables.</param>
/// <param name="TargetName">The cloud's name for the target.</param>
/// <param name="IsActive">False where the cloud says that the target is gone, or stopped.</param>
public sealed record CloudRoute(string Table, IpPrefix Destination, CloudTarget Target, string TargetName, bool IsActive)
{
    /// <summary>The cloud's name of the route itself, where it has one.</summary>
    public string? Id { get; init; }

    /// <summary>False where the cloud tells routes of ours from others, and this is none.</summary>
    public bool MayBeOurs { get; init; } = true;

    /// <summary>A machine's that is no more.</summary>
    public bool IsDead => Target == CloudTarget.Machine && !IsActive && MayBeOurs;

    public override string ToString() => $"{Destination} -> {TargetName} in {Table}";
}

/// <summary>What the cloud holds.</summary>
/// <param name="Me">The cloud's name for this host as a target.</param>
/// <param name="Tables">Where this host's routes belong.</param>
/// <param name="Routes">In these tables; those that are no subnet's may be left out.</param>
/// <param name="Forwards">Packets whose addresses are not this machine's are let through to it and from it.</param>
public sealed record CloudView(string Me, ImmutableArray<string> Tables, ImmutableArray<CloudRoute> Routes, bool Forwards);

/// <summary>One change in the cloud.</summary>
public abstract record CloudCall
{
    private CloudCall()
    {
    }

    /// <summary>Let packets through whose addresses are not this machine's.</summary>
    public sealed record AllowForwarding : CloudCall
    {
        public override string ToString() => "forwarding";
    }

    public sealed record Create(string Table, IpPrefix Destination) : CloudCall
    {
        public override string ToString() => $"route {Destination} in {Table}";
    }

    /// <param name="Old">A dead host's.</param>
    public sealed record Replace(CloudRoute Old) : CloudCall
    {
        public override string ToString() => $"route {Old.Destination} in {Old.Table}, which led to {Old.TargetName}";
    }

    public sealed record Delete(CloudRoute Old) : CloudCall
    {
        public override string ToString() => $"stale route {Old}";
    }
}
