using System.Collections.Concurrent;
using System.Collections.Immutable;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Proc;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

/// <summary>One host's key exchange with one peer, in a thread of its own: what an actor does in the product.</summary>
internal sealed class TestKeyExchange : IKeyExchangeDesk, IDisposable
{
    private readonly BlockingCollection<Action> work = [];
    private readonly Thread thread;
    private readonly NoiseEndpoint endpoint;

    public TestKeyExchange(StaticKey key, ulong epoch, PublicKey peer)
    {
        endpoint = new NoiseEndpoint(key, epoch);
        Peer = endpoint.Add(peer);
        Encryption = new ForwarderEncryption(endpoint, this);
        thread = new Thread(() =>
        {
            foreach (var item in work.GetConsumingEnumerable())
                item();
        })
        { IsBackground = true };
        thread.Start();
    }

    public ForwarderEncryption Encryption { get; }

    public PeerKeyExchange Peer { get; }

    public ForwardingPeer? Target { get; set; }

    public int Handshakes { get; private set; }

    /// <summary>What a handshake costs a host that has much else to do.</summary>
    public TimeSpan CostOfHandshake { get; set; }

    public void Handshake(byte[] datagram) => work.Add(() =>
    {
        if (CostOfHandshake > TimeSpan.Zero)
            Thread.Sleep(CostOfHandshake);
        Encryption.Handled();
        Handshakes++;
        CarryOut(endpoint.Handle(datagram, BootClock.Now).Outputs);
    });

    /// <summary>Until it is set nothing is sent to begin a session.</summary>
    public ManualResetEventSlim MayBegin { get; } = new(true);

    /// <summary>False: the loop is left to notice by itself that there is a session.</summary>
    public bool Wakes { get; set; } = true;

    public void Wanted(PeerKeyExchange peer) => work.Add(() =>
    {
        MayBegin.Wait();
        CarryOut(peer.WantToSend(BootClock.Now));
    });

    public void Opened(SessionEntry entry) => work.Add(() => CarryOut(entry.Peer.Confirm(entry.Session!)));

    public void Dispose()
    {
        MayBegin.Set();
        work.CompleteAdding();
        thread.Join();
        MayBegin.Dispose();
        endpoint.Dispose();
        work.Dispose();
    }

    private void CarryOut(ImmutableArray<KeyExchangeOutput> outputs)
    {
        foreach (var output in outputs)
        {
            if (output is KeyExchangeOutput.Send send)
                Encryption.Send(Target!, send.Datagram.Span);
            else if (Wakes && output is (KeyExchangeOutput.Installed or KeyExchangeOutput.Confirmed))
                Encryption.Wake();
        }
    }
}
