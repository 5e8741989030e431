using System.Net;
using AkkaOverlay.Fuzz.Engine;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Rtnetlink;
using static AkkaOverlay.Kernel.Netlink.NetlinkConstants;

namespace AkkaOverlay.Fuzz.Targets;

/// <summary>What the kernel says: objects, events, acknowledgements, and a whole dump.</summary>
internal static class NetlinkTargets
{
    private delegate void Read(in NetlinkMessage message);

    public static IEnumerable<FuzzTarget> All()
    {
        yield return Each("netlink-link", NetlinkSamples.Links, (in message) => LinkMessages.Decode(message));
        yield return Each("netlink-address", NetlinkSamples.Addresses, (in message) =>
            SameAgain(AddressMessages.Decode(message), (writer, address) => AddressMessages.Encode(writer, new RtnetlinkChange.PutAddress(address), 1), AddressMessages.Decode));
        yield return Each("netlink-route", NetlinkSamples.Routes, (in message) =>
        {
            RouteMessages.DecodeAny(message);
            // Routes over several hops are never written.
            if (RouteMessages.Decode(message) is { Multipath: false } route)
                SameAgain(route, (writer, again) => RouteMessages.Encode(writer, new RtnetlinkChange.PutRoute(again, Replace: true), 1), RouteMessages.Decode);
        });
        yield return Each("netlink-neighbour", NetlinkSamples.Neighbours, (in message) =>
            SameAgain(NeighbourMessages.Decode(message), (writer, again) => NeighbourMessages.Encode(writer, new RtnetlinkChange.PutNeighbour(again), 1), NeighbourMessages.Decode));
        yield return Each("netlink-fdb", NetlinkSamples.Fdb, (in message) => FdbMessages.Decode(message));
        yield return Each("netlink-event", NetlinkSamples.Objects, (in message) => EventMessages.Decode(message));
        yield return Each("netlink-extack", NetlinkSamples.Acknowledgements, (in message) =>
        {
            if (message.Type is NLMSG_ERROR or NLMSG_DONE && Acknowledgement.Read(message).ToError("do it") is { Errno: <= 0 })
                throw new BrokenPromiseException("an error that is none");
        });
        yield return new FuzzTarget("netlink-dump", Shape.Netlink, NetlinkSamples.Objects, Dump, typeof(NetlinkException));
    }

    private static FuzzTarget Each(string name, IReadOnlyList<byte[]> samples, Read read) => new(name, Shape.Netlink, samples, bytes =>
    {
        foreach (var message in new MessageReader(bytes))
            read(message);
    }, typeof(NetlinkParseException));

    /// <summary>The answer to a request for routes, as the conversation sees it; a broken one must not keep it waiting for more than the channel gives.</summary>
    private static void Dump(byte[] bytes)
    {
        using var conversation = new NetlinkConversation(new RecordedKernel([bytes, NetlinkSamples.Done]));
        conversation.Dump("list", type: 26, writer => RouteMessages.Dump(writer, 2, default), (in message) => EventMessages.Decode(message));
    }

    /// <summary>What was read and is written is read as the same.</summary>
    private static void SameAgain<T>(T? value, Action<MessageWriter, T> write, MessageDecoder<T> read)
        where T : class
    {
        if (value is null)
            return;
        var writer = new MessageWriter(256);
        write(writer, value);
        var messages = new MessageReader(writer.Written);
        messages.MoveNext();
        var again = read(messages.Current);
        if (!value.Equals(again))
            throw new BrokenPromiseException($"read {value}, and after writing it {again}");
    }

    private sealed class RecordedKernel(IEnumerable<byte[]> datagrams) : INetlinkChannel
    {
        private readonly Queue<byte[]> waiting = new(datagrams);

        public uint PortId => 1;

        public void Send(ReadOnlySpan<byte> messages)
        {
        }

        public ReadOnlySpan<byte> Receive() =>
            waiting.TryDequeue(out byte[]? datagram) ? datagram : throw new NetlinkException(Errno.Error(Errno.ETIMEDOUT, "receive"));

        public void Dispose()
        {
        }
    }
}
