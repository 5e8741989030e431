namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>A socket of the way in.</summary>
internal interface IIncomingSocket
{
    int Descriptor { get; }

    /// <summary>Takes in what is there, up to some trains, without waiting.</summary>
    /// <param name="alone">What came last came alone: one train goes on before anybody looks for another.</param>
    Pumped Pump(bool alone);
}

/// <summary>
/// A queue's sockets, one for each outer family, as one thread asks them. Most hosts have both families, and all that comes mostly comes by one of them. A question in vain is a system
/// call and a part of somebody's round trip, so the others are asked when poll(2) named them, beside a lot, or each sixteenth time.
/// </summary>
internal sealed class IncomingSockets(IReadOnlyList<IIncomingSocket> sockets)
{
    internal const int Seldom = 16;

    private readonly IIncomingSocket[] sockets = [.. sockets];
    private int favourite, turn;

    public int Count => sockets.Length;

    public IEnumerable<int> Descriptors => sockets.Select(socket => socket.Descriptor);

    /// <summary>What poll(2) found.</summary>
    /// <param name="polled">In the order of <see cref="Descriptors"/>.</param>
    public void Polled(ReadOnlySpan<SystemCalls.PollDescriptor> polled)
    {
        int ready = 0;
        for (int i = 0; i < sockets.Length; i++)
        {
            // Errors, too, are for whoever asks.
            if (polled[i].revents == 0)
                continue;
            if (ready++ == 0)
                favourite = i;
        }
        if (ready > 1)
            turn = Seldom;
    }

    /// <param name="alone">As of each socket.</param>
    /// <param name="sent">What the same turn has sent: beside a lot, whatever its direction, one more question costs nothing.</param>
    public Pumped Pump(bool alone, Pumped sent = Pumped.Nothing)
    {
        if (sockets.Length == 0)
            return Pumped.Nothing;
        int first = favourite;
        var found = sockets[first].Pump(alone);
        if (sockets.Length == 1 || (found < Pumped.Train && sent < Pumped.Train && ++turn < Seldom))
            return found;
        turn = 0;
        for (int i = 0; i < sockets.Length; i++)
        {
            var here = i == first ? Pumped.Nothing : sockets[i].Pump(alone);
            if (here <= found)
                continue;
            favourite = i;
            found = here;
        }
        return found;
    }
}
