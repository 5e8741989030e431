using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.PacketForwarder;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Kernel.Firewall;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Proc;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Kernel.Sysctl;

namespace AkkaOverlay.Actors.Explain;

/// <summary>Asks the kernel all that decides about a packet. Changes nothing, but for neighbours: it has the kernel ask them again.</summary>
internal sealed class PathGatherer(IRtnetlink kernel)
{
    /// <summary>Three questions of the kernel's, a second apart (retrans_time_ms), are an answer too.</summary>
    private static readonly TimeSpan NeighbourPatience = TimeSpan.FromSeconds(3.3);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(25);

    public async Task<PathFacts> Gather(NodeProtocol.ExplainPath question, HostStatus status, ImmutableArray<ObjectStatus> objects, ForwarderStatus? forwarders)
    {
        var facts = new PathFacts
        {
            Question = question,
            Status = status,
            Objects = objects,
            Forwarders = forwarders,
            Links = [.. kernel.DumpLinks()],
            Addresses = [.. kernel.DumpAddresses()],
            Rules = [.. kernel.DumpRules(question.To.AddressFamily)],
            Refusing = [.. kernel.DumpRoutes(new RouteFilter { Family = question.To.AddressFamily }).Where(route => Refuses(route) && route.Destination.Contains(question.To))],
            Back = kernel.Lookup(new RouteQuestion(question.From)),
            Plain = kernel.Lookup(new RouteQuestion(question.To)),
            Firewall = OthersFirewall(),
            UdpPorts = [.. UdpPorts.Read()],
        };
        int input = InputOf(facts);
        // Of a container that is behind no device here the kernel cannot be asked: then what the host itself would do.
        facts = facts with { Way = input == 0 && !facts.IsOurs(question.From) ? facts.Plain : kernel.Lookup(new RouteQuestion(question.To) { Source = question.From, InputInterface = input }) };
        if (question.Side == PathSide.Sending && SendingPath.Outer(facts) is { } outer)
            facts = facts with { OuterWay = kernel.Lookup(new RouteQuestion(outer)) };
        return facts with { Sysctls = ReadSysctls(facts), Neighbours = [.. await Confirm(Awaited(facts))] };
    }

    /// <summary>Our own guard drops forged packets only, by sets that are not read here: it would make every verdict doubtful.</summary>
    private static FirewallListing OthersFirewall()
    {
        var all = FirewallReader.Read();
        return all with { Rules = all.Rules.Without(FirewallNames.Default.Table) };
    }

    private static bool Refuses(Route route) => route.Type is RouteType.Blackhole or RouteType.Prohibit or RouteType.Unreachable;

    /// <summary>0 for a packet of this host's own.</summary>
    private static int InputOf(PathFacts facts)
    {
        if (facts.IsOurs(facts.Question.From))
            return 0;
        if (facts.Question.Side != PathSide.Arriving)
            return facts.Back?.Way is { Gateway: null, Type: RouteType.Unicast } way ? way.Interface : 0;
        bool inside = facts.Status.Plan.Networks.Any(network => network.Contains(facts.Question.To));
        string device = inside ? ArrivingPath.InputDevice(facts) ?? facts.Status.Underlay.Device : facts.Status.Underlay.Device;
        return facts.Link(device)?.Index ?? 0;
    }

    /// <summary>Whose answer matters: the containers here, and the underlay's next hop.</summary>
    private static IEnumerable<(int Device, IPAddress Address)> Awaited(PathFacts facts)
    {
        var question = facts.Question;
        if (question.Side != PathSide.Arriving && facts.Back?.Way is { Type: RouteType.Unicast, Gateway: null, Interface: > 0 } source)
            yield return (source.Interface, question.From);
        if (question.Side != PathSide.Sending && (facts.Way?.Way ?? facts.Plain?.Way) is { Type: RouteType.Unicast, Gateway: null, Interface: > 0 } destination)
            yield return (destination.Interface, question.To);
        if (facts.OuterWay?.Way is { Type: RouteType.Unicast, Interface: > 0 } outer && SendingPath.Outer(facts) is { } address)
            yield return (outer.Interface, outer.Gateway ?? address);
    }

    /// <summary>
    /// Has the kernel ask each again, for an entry may be older than the container's end: a known one by setting it to "probe", an unknown one by a datagram without content.
    /// </summary>
    private async Task<IEnumerable<Neighbour>> Confirm(IEnumerable<(int Device, IPAddress Address)> wanted)
    {
        var awaited = wanted.Distinct().ToList();
        var entries = Entries(awaited);
        foreach (var (device, address) in awaited)
        {
            var entry = entries.FirstOrDefault(one => one.Interface == device && one.Address.Equals(address));
            if (entry is { State: NeighbourState.Permanent or NeighbourState.NoArp })
                continue;
            if (entry is { LinkLayer: not null })
                kernel.Apply([new RtnetlinkChange.PutNeighbour(new Neighbour(device, address) { LinkLayer = entry.LinkLayer, State = NeighbourState.Probe, Flags = entry.Flags, Protocol = entry.Protocol })]);
            else
                Knock(address);
        }
        for (long began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < NeighbourPatience; await Task.Delay(Poll))
        {
            entries = Entries(awaited);
            if (awaited.All(one => entries.Any(entry => entry.Interface == one.Device && entry.Address.Equals(one.Address) && Settled(entry.State))))
                break;
        }
        // What still has no answer will have none.
        return entries.Select(entry => entry.State is NeighbourState.Probe or NeighbourState.Incomplete ? entry with { State = NeighbourState.Failed } : entry);
    }

    private List<Neighbour> Entries(List<(int Device, IPAddress Address)> awaited) =>
        [.. awaited.Select(one => one.Device).Distinct().SelectMany(kernel.DumpNeighbours).Where(entry => awaited.Contains((entry.Interface, entry.Address)))];

    private static bool Settled(NeighbourState state) => state is NeighbourState.Reachable or NeighbourState.Permanent or NeighbourState.NoArp or NeighbourState.Failed;

    /// <summary>To port 9, "discard" (RFC 863): only the question for the link-layer address matters.</summary>
    private static void Knock(IPAddress address)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.SendTo([], new IPEndPoint(address, 9));
        }
        catch (SocketException)
        {
            // No way there: a step of its own says so.
        }
    }

    private static ImmutableDictionary<string, string> ReadSysctls(PathFacts facts)
    {
        var keys = new List<string> { "net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding", "net/ipv4/conf/all/rp_filter" };
        foreach (string device in facts.Links.Select(link => link.Name))
            keys.AddRange([$"net/ipv4/conf/{device}/forwarding", $"net/ipv6/conf/{device}/forwarding", $"net/ipv4/conf/{device}/rp_filter"]);
        var found = ImmutableDictionary.CreateBuilder<string, string>();
        foreach (string key in keys.Where(Sysctls.Exists))
        {
            try
            {
                found[key] = Sysctls.Read(key);
            }
            catch (IOException)
            {
                // A device that has just gone.
            }
        }
        return found.ToImmutable();
    }
}
