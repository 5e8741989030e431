using AkkaOverlay.Kernel.Netlink;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>What one thread of a loop does until it is told to end.</summary>
internal abstract unsafe class ForwarderThread
{
    private readonly ForwarderOptions options;
    private readonly SystemCalls.PollDescriptor[] waits;
    private volatile bool stopping;
    private long allocated;

    /// <param name="descriptors">What brings it packets: it can sleep until there are some.</param>
    protected ForwarderThread(ThreadSignal signal, ForwarderOptions options, IEnumerable<int> descriptors)
    {
        Signal = signal;
        this.options = options;
        int[] all = [signal.Descriptor, .. descriptors];
        waits = GC.AllocateUninitializedArray<SystemCalls.PollDescriptor>(all.Length, pinned: true);
        for (int i = 0; i < all.Length; i++)
            waits[i] = new SystemCalls.PollDescriptor { fd = all[i], events = SystemCalls.POLLIN };
    }

    /// <summary>There is an end, packets that wait may go, or the way in is this thread's now.</summary>
    public ThreadSignal Signal { get; }

    /// <summary>Octets that the thread has allocated, as it saw it when it last had nothing to do.</summary>
    public long Allocated => Volatile.Read(ref allocated);

    protected bool IsStopping => stopping;

    /// <summary>What the last <see cref="Sleep"/> found, in the descriptors' order.</summary>
    protected ReadOnlySpan<SystemCalls.PollDescriptor> Polled => waits.AsSpan(1);

    /// <summary>Returns after <see cref="Stop"/>, or throws.</summary>
    public abstract void Forward();

    /// <summary>By anybody, who also interrupts what it may be waiting for.</summary>
    public void Stop()
    {
        stopping = true;
        Signal.Raise();
    }

    protected void NoteAllocated() => Volatile.Write(ref allocated, GC.GetAllocatedBytesForCurrentThread());

    /// <summary>Sleeps until there is something in the first <paramref name="count"/> descriptors, or the signal.</summary>
    /// <returns>True for the signal, which is lowered.</returns>
    protected bool Sleep(int count)
    {
        NoteAllocated();
        fixed (SystemCalls.PollDescriptor* start = waits)
        {
            if (SystemCalls.poll(start, (nuint)(1 + count), -1) < 0 && SystemCalls.Errno != Errno.EINTR)
                throw Errno.LastError("wait for packets");
        }
        // Whenever it is raised, whatever else is known: else poll(2) would return at once for ever. A thread that is busy looks after each lot anyway.
        if ((waits[0].revents & SystemCalls.POLLIN) == 0)
            return false;
        Signal.Lower();
        return true;
    }

    /// <summary>Instead of sleeping, by a thread that asks again.</summary>
    /// <returns>As <see cref="Sleep"/>.</returns>
    protected bool TakeSignal()
    {
        if (!Signal.IsRaised)
            return false;
        Signal.Lower();
        return true;
    }

    /// <summary>
    /// Where packets come fast, whoever makes them, or takes them, gets the processor for a moment, does not have to wake this thread for each of them, and the next lot is
    /// larger. (One by one they are sent at once.)
    /// </summary>
    protected void GiveWay(Pumped found)
    {
        if (found == Pumped.Several && options.GiveWay)
            _ = SystemCalls.sched_yield();
    }
}
