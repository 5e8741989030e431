using static AkkaOverlay.Kernel.Netlink.NetlinkConstants;

namespace AkkaOverlay.Kernel.Netlink;

/// <summary>Turns a message into a value, or null where it is not of the kind that was asked for.</summary>
/// <exception cref="NetlinkParseException">The message is broken.</exception>
internal delegate T? MessageDecoder<out T>(in NetlinkMessage message)
    where T : class;

/// <summary>Requests and their answers over one channel: dumps, single questions and batches of changes, matched by sequence number.</summary>
internal sealed class NetlinkConversation(INetlinkChannel channel) : IDisposable
{
    /// <summary>How often a dump that the kernel marks as torn (NLM_F_DUMP_INTR) is begun.</summary>
    public const int DumpAttempts = 5;

    private readonly MessageWriter _writer = new();
    private uint _sequence;

    public uint PortId => channel.PortId;

    /// <summary>Asks for all objects of a kind; the kernel's filters are in what <paramref name="body"/> writes.</summary>
    /// <exception cref="NetlinkException">
    /// The kernel refused; EINTR where the objects changed during every attempt; EBADMSG where an answer is broken.
    /// </exception>
    public List<T> Dump<T>(string what, ushort type, Action<MessageWriter> body, MessageDecoder<T> decode)
        where T : class
    {
        for (int attempt = 0; attempt < DumpAttempts; attempt++)
        {
            uint sequence = Request(type, NLM_F_REQUEST | NLM_F_DUMP, body);
            var found = new List<T>();
            if (ReadDump(what, sequence, decode, found))
                return found;
        }
        throw new NetlinkException(Errno.Error(Errno.EINTR, what, $"changed while being read, {DumpAttempts} times"));
    }

    /// <summary>Asks for one object.</summary>
    /// <exception cref="NetlinkException">The kernel refused (ENODEV, ENETUNREACH …) or its answer is broken (EBADMSG).</exception>
    public T? Get<T>(string what, ushort type, Action<MessageWriter> body, MessageDecoder<T> decode)
        where T : class
    {
        uint sequence = Request(type, NLM_F_REQUEST, body);
        while (true)
        {
            try
            {
                foreach (var message in new MessageReader(Receive(what)))
                {
                    if (message.Sequence != sequence)
                        continue;
                    if (message.Type != NLMSG_ERROR)
                        return decode(message);
                    return Acknowledgement.Read(message).ToError(what) is { } error ? throw new NetlinkException(error) : null;
                }
            }
            catch (NetlinkParseException broken)
            {
                throw Broken(what, broken);
            }
        }
    }

    /// <summary>
    /// Sends <paramref name="count"/> requests in one system call and waits for the acknowledgement of each. A request whose acknowledgement does not
    /// come has the error of the wait, because nobody knows whether it was done.
    /// </summary>
    /// <param name="encode">Writes request number i, with the sequence number given.</param>
    /// <param name="describe">What request number i asks, for its error.</param>
    /// <param name="results">Gets the error or null of each.</param>
    public void Apply(int count, Action<MessageWriter, int, uint> encode, Func<int, string> describe, Span<NetlinkError?> results)
    {
        _writer.Clear();
        uint first = _sequence + 1;
        for (int i = 0; i < count; i++)
            encode(_writer, i, ++_sequence);
        channel.Send(_writer.Written);

        var answered = new bool[count];
        int open = count;
        try
        {
            while (open > 0)
            {
                foreach (var message in new MessageReader(channel.Receive()))
                {
                    // Modulo 2^32: what does not belong to this batch is far out of range.
                    uint index = message.Sequence - first;
                    if (message.Type != NLMSG_ERROR || index >= count || answered[index])
                        continue;
                    answered[index] = true;
                    open--;
                    var acknowledgement = Acknowledgement.Read(message);
                    results[(int)index] = acknowledgement.Errno == 0 ? null : acknowledgement.ToError(describe((int)index));
                }
            }
        }
        catch (Exception failure) when (failure is NetlinkException or NetlinkParseException)
        {
            for (int i = 0; i < count; i++)
            {
                if (!answered[i])
                    results[i] = NoAnswer(describe(i), failure);
            }
        }
    }

    public void Dispose() => channel.Dispose();

    /// <summary>
    /// Reads to NLMSG_DONE. Whatever goes wrong on the way, the rest is read too, for a new dump is refused (EBUSY) while one runs.
    /// </summary>
    /// <returns>False where the dump was torn.</returns>
    private bool ReadDump<T>(string what, uint sequence, MessageDecoder<T> decode, List<T> found)
        where T : class
    {
        bool torn = false;
        NetlinkParseException? broken = null;
        while (true)
        {
            var messages = new MessageReader(Receive(what));
            while (TryMoveNext(ref messages, ref broken))
            {
                var message = messages.Current;
                if (message.Sequence != sequence)
                    continue;
                torn |= (message.Flags & NLM_F_DUMP_INTR) != 0;
                try
                {
                    if (message.Type is NLMSG_DONE or NLMSG_ERROR)
                    {
                        if (Acknowledgement.Read(message).ToError(what) is { } error)
                            throw new NetlinkException(error);
                        return broken is null ? !torn : throw Broken(what, broken);
                    }
                    if (decode(message) is { } value)
                        found.Add(value);
                }
                catch (NetlinkParseException failure)
                {
                    broken ??= failure;
                    if (message.Type is NLMSG_DONE or NLMSG_ERROR)
                        throw Broken(what, broken);
                }
            }
        }
    }

    private static bool TryMoveNext(ref MessageReader messages, ref NetlinkParseException? broken)
    {
        try
        {
            return messages.MoveNext();
        }
        catch (NetlinkParseException failure)
        {
            broken ??= failure;
            return false;
        }
    }

    private uint Request(ushort type, ushort flags, Action<MessageWriter> body)
    {
        _writer.Clear();
        _writer.Begin(type, flags, ++_sequence);
        body(_writer);
        _writer.End();
        channel.Send(_writer.Written);
        return _sequence;
    }

    private ReadOnlySpan<byte> Receive(string what)
    {
        try
        {
            return channel.Receive();
        }
        catch (NetlinkException failure)
        {
            throw new NetlinkException(NoAnswer(what, failure));
        }
    }

    private static NetlinkError NoAnswer(string what, Exception failure) =>
        new((failure as NetlinkException)?.Errno ?? Errno.EBADMSG, $"{what}: no answer: {failure.Message}");

    private static NetlinkException Broken(string what, NetlinkParseException failure) =>
        new(Errno.Error(Errno.EBADMSG, what, failure.Message));
}
