using System.Collections.Immutable;
using Akka.Event;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Host;

/// <summary>
/// What the host keeps on its disk, seen from the actor: only what changed is written, and a disk that refuses is reported and does not stop the network.
/// </summary>
internal sealed class HostMemory(HostFiles files, string bootId, ILoggingAdapter log)
{
    private HeldLease? kept;
    private string? lastTrouble;
    private bool subnetFileWritten;

    /// <summary>This host's lease and the ledger as they were in this very boot; null where there is nothing to go on with.</summary>
    public (Lease Lease, LedgerView Ledger)? Recall()
    {
        kept = files.LoadLease();
        return kept is not null && files.LoadFeed(bootId) is { Own: { } mine } saved
            && mine.Subnets == kept.Subnets && mine.Generation == kept.Generation
            ? (mine, saved.View)
            : null;
    }

    /// <param name="ledger">A restart goes on with the lease only where the network is known too, so both are written at once.</param>
    public void Keep(Lease lease, LedgerView ledger)
    {
        var held = new HeldLease(lease.Subnets, lease.Generation);
        if (held == kept)
            return;
        Try("The lease cannot be kept on disk: after a restart this host may get another subnet", () =>
        {
            files.SaveLease(held);
            kept = held;
        });
        Keep(ledger, lease);
    }

    public void Keep(LedgerView ledger, Lease? own) => Try("The ledger's copy cannot be kept on disk", () => files.SaveFeed(bootId, new SavedLedger(ledger, own)));

    /// <summary>Of this very boot.</summary>
    public ImmutableDictionary<AvoidedWay, Avoidance> RecallWays() => files.LoadWays(bootId);

    public void Keep(ImmutableDictionary<AvoidedWay, Avoidance> avoided) => Try("Which ways did not get through cannot be kept on disk", () => files.SaveWays(bootId, avoided));

    public void WriteSubnetFile(NetworkConfig network, LeaseSubnets subnets, int mtu, bool ipMasq)
    {
        subnetFileWritten = Try("The subnet file cannot be written", () =>
        {
            if (files.WriteSubnetFile(SubnetEnv.Format(network, subnets, mtu, ipMasq)))
                log.Info("Wrote {File}: {Subnets}, MTU {Mtu}", files.SubnetFile, subnets, mtu);
        });
    }

    /// <summary>Without the file nobody's containers get addresses: a host is not ready before it is written.</summary>
    public Component SubnetFile => new("subnet file", subnetFileWritten, subnetFileWritten ? files.SubnetFile : lastTrouble ?? "waiting");

    /// <summary>The lease is over: nothing here may lead back to it.</summary>
    public void Forget() => Try("What was kept of the lease cannot be deleted", () =>
    {
        kept = null;
        files.ForgetLease();
        files.ForgetFeed();
        files.ForgetWays();
        files.DeleteSubnetFile();
        subnetFileWritten = false;
    });

    private bool Try(string trouble, Action action)
    {
        try
        {
            action();
            lastTrouble = null;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string text = $"{trouble}: {e.Message}";
            if (text != lastTrouble)
                log.Error("{Trouble}", text);
            lastTrouble = text;
            return false;
        }
    }
}
