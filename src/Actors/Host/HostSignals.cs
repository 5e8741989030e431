using Akka.Event;

namespace AkkaOverlay.Actors.Host;

/// <summary>What HostNetwork says to itself, now or later.</summary>
internal static class HostSignals
{
    public sealed class CarriedLongEnough : IDeadLetterSuppression
    {
        public static readonly CarriedLongEnough Instance = new();
    }

    public sealed class ChangeoverGoesOn : IDeadLetterSuppression
    {
        public static readonly ChangeoverGoesOn Instance = new();
    }

    public sealed class PlanAgain : IDeadLetterSuppression
    {
        public static readonly PlanAgain Instance = new();
    }

    public sealed class SaveFeed : IDeadLetterSuppression
    {
        public static readonly SaveFeed Instance = new();
    }
}
