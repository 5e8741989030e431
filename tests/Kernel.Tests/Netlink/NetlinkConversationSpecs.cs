using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Rtnetlink;
using static AkkaOverlay.Kernel.Netlink.NetlinkConstants;

namespace AkkaOverlay.Kernel.Tests.Netlink;

public sealed class NetlinkConversationSpecs
{
    private const ushort Thing = 100;

    [Fact]
    public void A_torn_dump_is_read_again()
    {
        int attempt = 0;
        using var kernel = new ScriptedKernel(sequence => ++attempt < 3
            ? [Message(Thing, NLM_F_MULTI | NLM_F_DUMP_INTR, sequence), Done(sequence)]
            : [Message(Thing, NLM_F_MULTI, sequence), Message(Thing, NLM_F_MULTI, sequence), Done(sequence)]);

        Assert.Equal(2, Dump(kernel).Count);
        Assert.Equal(3, kernel.Requests);
    }

    [Fact]
    public void Five_torn_dumps_are_an_error()
    {
        using var kernel = new ScriptedKernel(sequence => [Message(Thing, NLM_F_MULTI, sequence), Done(sequence, flags: NLM_F_DUMP_INTR)]);

        var failure = Assert.Throws<NetlinkException>(() => Dump(kernel));

        Assert.Equal("list things: changed while being read, 5 times (EINTR)", failure.Message);
        Assert.Equal(5, kernel.Requests);
    }

    [Fact]
    public void The_error_at_a_dumps_end_counts()
    {
        using var kernel = new ScriptedKernel(sequence => [Message(Thing, NLM_F_MULTI, sequence), Done(sequence, error: -90)]);
        Assert.Equal(90, Assert.Throws<NetlinkException>(() => Dump(kernel)).Errno);
    }

    [Fact]
    public void Answers_to_older_requests_are_passed_over()
    {
        using var kernel = new ScriptedKernel(sequence => [Done(sequence - 1, error: -1), Message(Thing, 0, sequence + 7), Message(Thing, NLM_F_MULTI, sequence), Done(sequence)]);
        Assert.Single(Dump(kernel));
    }

    [Fact]
    public void A_broken_dump_is_read_to_its_end_and_fails()
    {
        using var kernel = new ScriptedKernel(sequence => [[0xff, 0xff, 0, 0, .. new byte[20]], Message(Thing, NLM_F_MULTI, sequence), Done(sequence)]);
        Assert.Equal(Errno.EBADMSG, Assert.Throws<NetlinkException>(() => Dump(kernel)).Errno);
        Assert.Equal(Errno.ETIMEDOUT, Assert.Throws<NetlinkException>(() => { kernel.Receive(); }).Errno);
    }

    [Fact]
    public void A_lost_acknowledgement_is_the_error_of_its_change_alone()
    {
        int number = 0;
        using var kernel = new ScriptedKernel(sequence => ++number == 2 ? [] : [Acknowledge(sequence, 0)]);
        using var socket = new RtnetlinkSocket(kernel);

        var results = socket.Apply([new RtnetlinkChange.DeleteLink(1), new RtnetlinkChange.DeleteLink(2), new RtnetlinkChange.DeleteLink(3)]);

        Assert.Equal([null, Errno.ETIMEDOUT, null], results.Select(error => error?.Errno));
        Assert.StartsWith("delete link 2: no answer: ", results[1]!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Acknowledgements_are_matched_by_number_not_by_order()
    {
        var numbers = new List<uint>();
        using var kernel = new ScriptedKernel(sequence =>
        {
            numbers.Add(sequence);
            return numbers.Count < 3 ? [] : [Acknowledge(numbers[2], -3), Acknowledge(numbers[0], -1), Acknowledge(numbers[1], 0)];
        });
        using var socket = new RtnetlinkSocket(kernel);

        var results = socket.Apply([new RtnetlinkChange.DeleteLink(1), new RtnetlinkChange.DeleteLink(2), new RtnetlinkChange.DeleteLink(3)]);

        Assert.Equal([1, null, 3], results.Select(error => error?.Errno));
    }

    [Fact]
    public void Extended_acknowledgements_give_the_reason_capped_or_not()
    {
        foreach (bool capped in new[] { true, false })
        {
            var writer = new MessageWriter();
            writer.Begin(NLMSG_ERROR, (ushort)(NLM_F_ACK_TLVS | (capped ? NLM_F_CAPPED : 0)), 1);
            writer.Header(-22);
            writer.Header(new Request(capped ? 4096u : 20u));
            if (!capped)
                writer.Header(0);
            writer.Text(NLMSGERR_ATTR_MSG, "Nexthop has invalid gateway");
            writer.End();

            Assert.Equal("ask: Nexthop has invalid gateway (EINVAL)", First(writer.Written).ToError("ask")!.Text);
        }
    }

    private static Acknowledgement First(ReadOnlySpan<byte> datagram)
    {
        var reader = new MessageReader(datagram);
        Assert.True(reader.MoveNext());
        return Acknowledgement.Read(reader.Current);
    }

    private static List<string> Dump(ScriptedKernel kernel) => new NetlinkConversation(kernel).Dump<string>(
        "list things",
        Thing,
        _ => { },
        (in NetlinkMessage message) => message.Type == Thing ? "thing" : null);

    private static byte[] Done(uint sequence, int error = 0, ushort flags = 0) => Message(NLMSG_DONE, (ushort)(NLM_F_MULTI | flags), sequence, error);

    private static byte[] Acknowledge(uint sequence, int error) => Message(NLMSG_ERROR, NLM_F_CAPPED, sequence, error);

    private static byte[] Message(ushort type, ushort flags, uint sequence, int payload = 0)
    {
        var writer = new MessageWriter();
        writer.Begin(type, flags, sequence);
        writer.Header(payload);
        writer.End();
        return writer.Written.ToArray();
    }

    /// <summary>A nlmsghdr of which only the length matters.</summary>
    private readonly record struct Request(uint Length)
    {
        public uint TypeAndFlags { get; init; }

        public uint Sequence { get; init; }

        public uint PortId { get; init; }
    }
}
