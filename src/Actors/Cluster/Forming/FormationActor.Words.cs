using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace AkkaOverlay.Actors.Cluster.Forming;

/// <summary>What a seat says to the other seats and to operators.</summary>
public sealed partial class FormationActor
{
    private static readonly TimeSpan AskAgainInterval = TimeSpan.FromSeconds(5);

    /// <summary>The seat that was joined before it was known which ledger this host has; null once it has been asked again.</summary>
    private string? joinedBlindly;
    private TimeSpan askedAgainAt;

    private NodeProtocol.SeatNews News(bool answer)
    {
        bool up = formation.Decided && cluster.SelfMember.Status == MemberStatus.Up;
        var core = up ? CoreCount.Of(cluster.State) : default;
        return new NodeProtocol.SeatNews(
            formation.Self,
            formation.Seats,
            // Before it is up, a cluster that is just being founded does not count as one that was there.
            up ? clusterId : formation.Cluster,
            up,
            up && (core.Lost == 0 || core.Reached >= settings.Seeds.Quorum),
            core.Reached,
            formation.Around(Now()).Select(news => news.Address).ToEquatableArray(),
            formation.Bootstrap,
            answer,
            formation.Ledger)
        {
            Network = settings.Name.Text,
        };
    }

    /// <summary>What an operator must know of two hosts that do not belong together.</summary>
    private void Compare(NodeProtocol.SeatNews news, TimeSpan now)
    {
        if (news.Network != settings.Name.Text)
        {
            // A seat that waits says it there, if that one is in its list.
            if ((formation.Decided || !formation.Seats.Contains(news.Address)) && rare.Says($"{news.Address} {news.Network}", now))
                log.Error("{OtherNetwork}", Formation.OtherNetwork(news.Address, news.Network, settings.Name));
        }
        else if (clusterId is { } mine && news.Cluster is { } theirs && mine != theirs)
        {
            if (rare.Says($"{news.Address} {theirs}", now))
            {
                log.Error(
                    "{Other} is of another cluster ({Theirs}) than this host {Self} ({Mine}): they never join each other. Stop the one that does not belong here, move its state directory away and start it again",
                    news.Address, theirs, formation.Self, mine);
            }
        }
        else if (LedgerIdentity.Differ(formation.Ledger, news.Ledger))
        {
            // Outside a cluster it is said what is waited for.
            if (formation.Decided && rare.Says($"{news.Address} {news.Ledger}", now))
                log.Error("{Difference}", formation.Difference(news));
            if (news.Address == joinedBlindly)
                supervisor.Tell(new OverlaySupervisor.BeginAnew(Abruptly: false));
        }
        else if (news.Seeds != formation.Seats && (clusterId is not null || news.Cluster is not null) && rare.Says($"{news.Address} {news.Seeds}", now))
        {
            log.Warning(
                "The seed lists differ: {Self} has {Mine}, {Other} has {Theirs}; give every host the same list",
                formation.Self, Formation.Names(formation.Seats), news.Address, Formation.Names(news.Seeds));
        }
        // An earlier release does not say, and a seat that is blank does not know.
        if (news.Address == joinedBlindly && formation.Ledger is { Id: not null } && news.Ledger is null or { Id: not null })
            joinedBlindly = null;
    }

    /// <summary>A database that was away when this host joined answers now: is it the one of the others?</summary>
    private void AskAgainIfKnown(TimeSpan now)
    {
        if (joinedBlindly is null || formation.Ledger is not { Id: not null } || now - askedAgainAt < AskAgainInterval)
            return;
        askedAgainAt = now;
        if (cluster.State.Members.Any(member => member.Address.ToString() == joinedBlindly))
            Context.ActorSelection($"{joinedBlindly}/user/{Name}").Tell(News(answer: false));
        else
            joinedBlindly = null;
    }

    private void OnWait(FormationStep.Wait wait, TimeSpan now)
    {
        status.WaitsFor = wait.Reason;
        if (now - began < TimeSpan.FromSeconds(2))
            return;
        if (rare.Says(wait.Reason, now))
        {
            if (wait.Refused)
                log.Error("No cluster is formed: {Reason}", wait.Reason);
            else
                log.Info("No cluster yet: {Reason}", wait.Reason);
        }
        bool deaf = peers.Values.Any(peer => peer.ListensSince is { } since && now - since >= DeafAfter && now - (peer.HeardAt ?? began) >= DeafAfter);
        if (deaf && formation.Around(now).Count() + 1 < settings.Seeds.Quorum)
        {
            log.Warning("A seed listens, but is not heard: beginning anew");
            supervisor.Tell(new OverlaySupervisor.BeginAnew(Abruptly: true));
        }
    }
}
