using AkkaOverlay.Actors.Cluster;

namespace AkkaOverlay.Actors.Cluster.Forming;

/// <summary>What a seat does next to come into a cluster.</summary>
public abstract record FormationStep
{
    private FormationStep()
    {
    }

    /// <param name="Reason">For an operator: what is waited for.</param>
    /// <param name="Refused">Waiting alone does not help: somebody must do something.</param>
    public sealed record Wait(string Reason, bool Refused = false) : FormationStep;

    /// <summary>Ask these seats for their votes, this seat's own being on the disk.</summary>
    public sealed record Ask(NodeProtocol.VoteRequest Request, EquatableArray<string> Voters) : FormationStep;

    /// <param name="Cluster">Its id, where the seat that is joined knows it yet.</param>
    public sealed record Join(string Address, Guid? Cluster) : FormationStep;

    /// <summary>Form the cluster by joining oneself.</summary>
    /// <param name="Cluster">Null founds a new one.</param>
    public sealed record Form(Guid? Cluster) : FormationStep;
}
