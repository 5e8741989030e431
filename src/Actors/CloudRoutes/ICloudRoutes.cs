namespace AkkaOverlay.Actors.CloudRoutes;

/// <summary>
/// A cloud's routes, read and changed through its API. Every failure is a <see cref="CloudException"/>; nothing is tried twice in here, for who calls reads again
/// before it tries again.
/// </summary>
public interface ICloudRoutes : IDisposable
{
    /// <exception cref="CloudException">The cloud does not say.</exception>
    Task<CloudView> ReadAsync(CloudGoal goal, CancellationToken cancel);

    /// <summary>Returns once the cloud has taken it. What is gone already is as good as deleted.</summary>
    /// <exception cref="CloudException">It was not done; of <see cref="CloudTrouble.Passing"/> nobody knows.</exception>
    Task ApplyAsync(CloudCall call, CancellationToken cancel);
}

/// <summary>What kind of failure it is: what can be done about it.</summary>
public enum CloudTrouble
{
    /// <summary>Throttled, a server's error, a lost answer, or a state that another one changed meanwhile: look again, later.</summary>
    Passing,

    /// <summary>This host may not: somebody must grant it.</summary>
    Rights,

    /// <summary>No more routes fit: somebody must raise the limit, or take hosts away.</summary>
    Limit,

    /// <summary>The cloud says no for another reason.</summary>
    Refused,
}

/// <summary>A failure that is told to an operator in one line.</summary>
/// <param name="message">Without line breaks and without secrets.</param>
public sealed class CloudException(CloudTrouble trouble, string message, Exception? inner = null) : Exception(message, inner)
{
    public CloudTrouble Trouble { get; } = trouble;
}
