using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Tun;
using static AkkaOverlay.Kernel.Rtnetlink.RtnetlinkConstants;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>
/// <see cref="IRtnetlink"/> over one NETLINK_ROUTE socket. It stays in the network namespace of the thread that opened it, whichever thread uses it
/// later. A device or table that is gone has no objects: its dump is empty, not an error.
/// </summary>
public sealed class RtnetlinkSocket : IRtnetlink
{
    /// <summary>Changes in one sendmsg(2). More gain nothing; the acknowledgements of this many need about 160 KiB of receive buffer.</summary>
    internal const int BatchSize = 128;

    private const int ReceiveBuffer = 4 * 1024 * 1024;

    /// <summary>The kernel answers within the send itself, so that a wait means a lost answer.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly NetlinkConversation _conversation;

    /// <summary>Where the socket is; null for that of whoever calls.</summary>
    private readonly NetworkNamespace? _namespace;

    internal RtnetlinkSocket(INetlinkChannel channel, NetworkNamespace? home = null)
    {
        _conversation = new NetlinkConversation(channel);
        _namespace = home;
    }

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <exception cref="NetlinkException">The system refused. Changes, but not dumps, need CAP_NET_ADMIN later.</exception>
    public static RtnetlinkSocket Open() => new(NetlinkSocket.Open(ReceiveBuffer, Timeout), NetworkNamespace.OpenCurrent());

    public uint PortId => _conversation.PortId;

    public IReadOnlyList<Link> DumpLinks() => _conversation.Dump("list links", RTM_GETLINK, LinkMessages.Dump, LinkMessages.Decode);

    public Link? FindLink(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        // The kernel would answer ERANGE; a name that cannot be has no device.
        if (name.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(name) >= IFNAMSIZ)
            return null;
        try
        {
            return _conversation.Get($"find link {name}", RTM_GETLINK, writer => LinkMessages.Find(writer, name), LinkMessages.Decode);
        }
        catch (NetlinkException absent) when (absent.Errno == Errno.ENODEV)
        {
            return null;
        }
    }

    public IReadOnlyList<InterfaceAddress> DumpAddresses(int interfaceIndex = 0)
    {
        var found = new List<InterfaceAddress>();
        foreach (byte family in RouteMessages.Families(null))
        {
            void Body(MessageWriter writer) => AddressMessages.Dump(writer, family, interfaceIndex);
            found.AddRange(DumpExisting(family, "list addresses", RTM_GETADDR, Body, AddressMessages.Decode, address => address.Address));
        }
        return found;
    }

    public IReadOnlyList<Route> DumpRoutes(RouteFilter filter = default)
    {
        var found = new List<Route>();
        foreach (byte family in RouteMessages.Families(filter.Family))
        {
            void Body(MessageWriter writer) => RouteMessages.Dump(writer, family, filter);
            found.AddRange(DumpExisting(family, "list routes", RTM_GETROUTE, Body, RouteMessages.Decode, route => route.Destination.Address));
        }
        return found;
    }

    public IReadOnlyList<Neighbour> DumpNeighbours(int interfaceIndex) =>
        _conversation.Dump("list neighbours", RTM_GETNEIGH, writer => NeighbourMessages.Dump(writer, interfaceIndex), NeighbourMessages.Decode);

    public IReadOnlyList<FdbEntry> DumpFdb(int interfaceIndex) =>
        _conversation.Dump("list fdb", RTM_GETNEIGH, writer => FdbMessages.Dump(writer, interfaceIndex), FdbMessages.Decode);

    public IReadOnlyList<Rule> DumpRules(AddressFamily? family = null, byte? protocol = null)
    {
        var found = new List<Rule>();
        foreach (byte one in RouteMessages.Families(family))
        {
            try
            {
                found.AddRange(_conversation.Dump("list rules", RTM_GETRULE, writer => RuleMessages.Dump(writer, one), RuleMessages.Decode));
            }
            // A kernel without this family, or without policy routing for it, has no rules of it (fib_nl_dumprule).
            catch (NetlinkException absent) when (absent.Errno == Errno.EAFNOSUPPORT)
            {
                continue;
            }
        }
        // A kernel without IPv6 answers with what other families have.
        return found.FindAll(rule => (family is null || rule.Family == family) && (protocol is null || rule.Protocol == protocol));
    }

    public IReadOnlyList<Nexthop> DumpNexthops(byte? protocol = null)
    {
        try
        {
            var found = _conversation.Dump("list nexthops", RTM_GETNEXTHOP, NexthopMessages.Dump, NexthopMessages.Decode);
            return found.FindAll(nexthop => protocol is null || nexthop.Protocol == protocol);
        }
        // Before Linux 5.3 there are none.
        catch (NetlinkException absent) when (absent.Errno == Errno.EOPNOTSUPP)
        {
            return [];
        }
    }

    public Route? LookupRoute(IPAddress destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        try
        {
            return _conversation.Get(
                $"look up route to {destination}", RTM_GETROUTE, writer => RouteMessages.Lookup(writer, destination), RouteMessages.DecodeAny);
        }
        // No route, and the three types that refuse: unreachable, prohibit (EACCES) and blackhole (EINVAL; net/ipv4/fib_semantics.c, fib_props).
        catch (NetlinkException absent) when (absent.Errno is Errno.ENETUNREACH or Errno.EHOSTUNREACH or Errno.EACCES or Errno.EINVAL)
        {
            return null;
        }
    }

    public RouteAnswer Lookup(RouteQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        try
        {
            var way = Ask(question, fibMatch: false);
            try
            {
                return new RouteAnswer(way, Ask(question, fibMatch: true), null);
            }
            // Before Linux 4.13 (IPv4) and 4.14 (IPv6) nobody says which route it was; of a way that no route stands behind, nobody ever does.
            catch (NetlinkException)
            {
                return new RouteAnswer(way, null, null);
            }
        }
        catch (NetlinkException refused) when (refused.Errno is Errno.ENETUNREACH or Errno.EHOSTUNREACH or Errno.EACCES or Errno.EINVAL or Errno.EXDEV)
        {
            return new RouteAnswer(null, null, refused.Error);
        }
    }

    private Route? Ask(RouteQuestion question, bool fibMatch) => _conversation.Get(
        $"look up route to {question.Destination}", RTM_GETROUTE, writer => RouteMessages.Lookup(writer, question, fibMatch), RouteMessages.DecodeAny);

    public IReadOnlyList<NetlinkError?> Apply(IReadOnlyList<RtnetlinkChange> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var results = new NetlinkError?[changes.Count];
        for (int start = 0; start < changes.Count;)
        {
            if (changes[start] is RtnetlinkChange.CreateTun tun)
            {
                results[start++] = Create(tun);
                continue;
            }
            int first = start, count = 1;
            while (count < BatchSize && start + count < changes.Count && changes[start + count] is not RtnetlinkChange.CreateTun)
                count++;
            _conversation.Apply(
                count,
                (writer, i, sequence) => ChangeMessages.Encode(writer, changes[first + i], sequence),
                i => ChangeMessages.Describe(changes[first + i]),
                results.AsSpan(start, count));
            start += count;
        }
        for (int i = 0; i < results.Length; i++)
            results[i] = results[i] is { } error ? MissingKind.Explain(changes[i], error) : null;
        return results;
    }

    public void Dispose()
    {
        _conversation.Dispose();
        _namespace?.Dispose();
    }

    private NetlinkError? Create(RtnetlinkChange.CreateTun tun)
    {
        if (FindLink(tun.Name) is not null)
            return Errno.Error(Errno.EEXIST, ChangeMessages.Describe(tun));
        try
        {
            using var device = _namespace is null ? NewTun.Make(tun.Name) : _namespace.Run(() => NewTun.Make(tun.Name));
            if (FindLink(tun.Name) is not { } link)
                return Errno.Error(Errno.ENODEV, ChangeMessages.Describe(tun));
            if (Apply([new RtnetlinkChange.SetLink(link.Index) { Alias = tun.Alias }])[0] is { } refused)
                return refused;
            device.Keep();
            return null;
        }
        catch (NetlinkException e)
        {
            return e.Error;
        }
    }

    /// <summary>
    /// A dump of one family. A kernel without that family answers with all the others (rtnetlink_rcv_msg falls back to PF_UNSPEC), hence
    /// <paramref name="address"/>, which tells an object's family.
    /// </summary>
    private List<T> DumpExisting<T>(
        byte family, string what, ushort type, Action<MessageWriter> body, MessageDecoder<T> decode, Func<T, IPAddress> address)
        where T : class
    {
        try
        {
            var found = _conversation.Dump(what, type, body, decode);
            found.RemoveAll(item => Family.Of(address(item)) != family);
            return found;
        }
        catch (NetlinkException absent) when (absent.Errno is Errno.ENODEV or Errno.ENOENT)
        {
            return [];
        }
    }
}
