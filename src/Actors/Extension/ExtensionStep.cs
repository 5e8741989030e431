using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Extension;

/// <summary>One command that is due. Those with the same key follow one another, and no other waits for them.</summary>
/// <param name="Command">Null where the configuration has none: then there is nothing to do but to note it.</param>
public abstract record ExtensionStep(PreparedCommand? Command)
{
    public virtual object Key => "host";

    /// <summary>True for a command of this host itself, false for one of a peer.</summary>
    public virtual bool IsOfHost => true;

    /// <summary>For an operator.</summary>
    public abstract string Name { get; }

    /// <param name="Text">As the configuration has it.</param>
    public sealed record Pre(ExtensionCommand Text, PreparedCommand Command) : ExtensionStep(Command)
    {
        public override string Name => "PreStartupCommand";
    }

    public sealed record Post(PreparedCommand Command) : ExtensionStep(Command)
    {
        public override string Name => "PostStartupCommand";
    }

    public sealed record Add(NodeId Node, ExtensionPeer Peer) : ExtensionStep(Peer.Add)
    {
        public override object Key => Node;

        public override bool IsOfHost => false;

        public override string Name => NameOf(Peer.Subnets);

        /// <summary>Also of the peer's row among the objects of a host.</summary>
        public static string NameOf(IEnumerable<IpPrefix> subnets) => $"SubnetAddCommand for {ExtensionPeer.NameOf(subnets)}";
    }

    /// <param name="Patient">Tried again where it fails; otherwise once is enough.</param>
    public sealed record Remove(NodeId Node, ExtensionPeer Peer, bool Patient) : ExtensionStep(Peer.Remove)
    {
        public override object Key => Node;

        public override bool IsOfHost => false;

        public override string Name => $"SubnetRemoveCommand for {Peer.Name}";
    }

    public sealed record Shutdown(PreparedCommand? Command) : ExtensionStep(Command)
    {
        public override string Name => "ShutdownCommand";
    }
}
