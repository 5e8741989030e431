using System.Globalization;
using System.Runtime.InteropServices;
using static AkkaOverlay.Kernel.Netlink.NetlinkConstants;

namespace AkkaOverlay.Kernel.Netlink;

/// <summary>What NLMSG_ERROR and NLMSG_DONE say: an errno and, with NLM_F_ACK_TLVS, the kernel's own words.</summary>
/// <param name="Errno">Positive; 0 for success.</param>
/// <param name="Reason">NLMSGERR_ATTR_MSG, or which attribute was missing; null without either.</param>
internal readonly record struct Acknowledgement(int Errno, string? Reason)
{
    private const int ErrorLength = sizeof(int);

    /// <exception cref="NetlinkParseException">The message ends too early.</exception>
    public static Acknowledgement Read(in NetlinkMessage message)
    {
        // NLMSG_DONE of a few dump handlers has no payload at all: success.
        if (message.Type == NLMSG_DONE && message.Payload.Length < ErrorLength)
            return default;
        // int.MinValue has no positive; hostile bytes only.
        int error = Math.Max(message.Header<int>(), -int.MaxValue);
        int errno = Math.Abs(error);
        return new Acknowledgement(errno, errno == 0 ? null : ReadReason(message));
    }

    /// <summary>Null for success.</summary>
    public NetlinkError? ToError(string what) => Errno == 0 ? null : Netlink.Errno.Error(Errno, what, Reason);

    private static string? ReadReason(in NetlinkMessage message)
    {
        if ((message.Flags & NLM_F_ACK_TLVS) == 0)
            return null;
        var rest = message.Payload[ErrorLength..];
        if (message.Type == NLMSG_ERROR)
            rest = AfterRequest(rest, capped: (message.Flags & NLM_F_CAPPED) != 0);

        string? text = null;
        uint? missing = null;
        foreach (var attribute in new AttributeReader(rest))
        {
            if (attribute.Type == NLMSGERR_ATTR_MSG)
                text = attribute.Text;
            else if (attribute.Type == NLMSGERR_ATTR_MISS_TYPE)
                missing = attribute.U32;
        }
        return text ?? (missing is { } type ? string.Create(CultureInfo.InvariantCulture, $"attribute {type} is missing") : null);
    }

    /// <summary>Behind the error stands the request: its header alone with NLM_F_CAPPED, else all of it.</summary>
    private static ReadOnlySpan<byte> AfterRequest(ReadOnlySpan<byte> rest, bool capped)
    {
        if (rest.Length < NLMSG_HDRLEN)
            throw new NetlinkParseException("An acknowledgement ends inside the header of its request.");
        uint length = capped ? NLMSG_HDRLEN : MemoryMarshal.Read<uint>(rest);
        if (length < NLMSG_HDRLEN || length > (uint)rest.Length)
            throw new NetlinkParseException($"An acknowledgement claims a request of {length} octets where {rest.Length} are left.");
        return rest[Math.Min(Align((int)length), rest.Length)..];
    }
}
