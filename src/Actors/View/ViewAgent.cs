using Akka.Actor;

namespace AkkaOverlay.Actors.View;

/// <summary>Answers other hosts for this one. A host that is busy says nothing: whoever asked knows what silence means.</summary>
public sealed class ViewAgent : ReceiveActor
{
    public const string Name = "view";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public ViewAgent(IActorRef host) => Receive<ViewProtocol.DescribeHost>(question =>
    {
        var asker = Sender;
        host.Ask<ViewProtocol.HostDescribed>(question, Patience).ContinueWith(
            answer => asker.Tell(answer.Result, ActorRefs.NoSender), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
    });

    public static Props Props(IActorRef host) => Akka.Actor.Props.Create(() => new ViewAgent(host));
}
