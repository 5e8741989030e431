using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Forwarding;
using Xunit.Abstractions;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

/// <summary>The way in changes its thread, again and again, while packets come.</summary>
public sealed class ConversingSpecs(ITestOutputHelper output)
{
    /// <summary>Datagrams that the sender's kernel is given at once, and cuts.</summary>
    private const int Lot = 20;

    private const int Size = 64;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void What_goes_to_and_fro_and_comes_in_lots_in_turn_arrives_once_and_in_order(bool encrypted, bool bothOuterFamilies)
    {
        using var tunnel = new Tunnel { BothOuterFamilies = bothOuterFamilies };
        tunnel.Start(encrypted: encrypted);
        using var here = Open(tunnel, 0);
        using var there = Open(tunnel, 1);
        here.Connect(there.LocalEndPoint!);
        there.Connect(here.LocalEndPoint!);
        uint number = 0;
        for (int round = 0; round < 60; round++)
        {
            for (int i = 0; i < 60; i++)
            {
                Send(here, number);
                Assert.Equal(number, Receive(there));
                Send(there, number);
                Assert.Equal(number++, Receive(here));
            }
            // Both directions at once; then a pause in which the duty goes back, or none.
            uint first = number;
            for (int i = 0; i < 5; i++)
            {
                SendLot(here, number);
                SendLot(there, number);
                number += Lot;
            }
            for (uint i = first; i < number; i++)
            {
                Assert.Equal(i, Receive(there));
                Assert.Equal(i, Receive(here));
            }
            Thread.Sleep(round % 3 * 8);
        }
        output.WriteLine($"measured: {(encrypted ? "encrypted, " : bothOuterFamilies ? "two sockets, " : "")}{tunnel.Loops.Sum(loop => loop.Handovers)} changes of the thread that takes in");
        Assert.InRange(tunnel.Loops.Sum(loop => loop.Handovers), 20, int.MaxValue);
        Assert.Empty(tunnel.Failures);
    }

    [Fact]
    public void After_a_lot_and_a_pause_packets_that_nobody_answers_arrive_one_by_one()
    {
        using var tunnel = new Tunnel();
        tunnel.Start();
        using var here = Open(tunnel, 0);
        using var there = Open(tunnel, 1);
        here.Connect(there.LocalEndPoint!);
        SendLot(here, 0);
        for (uint i = 0; i < Lot; i++)
            Assert.Equal(i, Receive(there));
        Assert.Equal(1, tunnel.Loops[1].Handovers);
        Thread.Sleep(20);
        // Before the device has anything of its own to send, which would wake whoever sends.
        there.ReceiveTimeout = 1500;
        for (uint i = Lot; i < Lot + 10; i++)
        {
            Send(here, i);
            Assert.Equal(i, Receive(there));
        }
        Assert.Equal(2, tunnel.Loops[1].Handovers);
    }

    private static Socket Open(Tunnel tunnel, int host)
    {
        var socket = Transfers.Open(tunnel.Hosts[host].Inside, v6: false, SocketType.Dgram, ProtocolType.Udp);
        socket.ReceiveBufferSize = 1024 * 1024;
        socket.ReceiveTimeout = 5000;
        socket.Bind(new IPEndPoint(Tunnel.Inner(host, v6: false), 0));
        return socket;
    }

    private static void Send(Socket socket, uint number)
    {
        Span<byte> datagram = stackalloc byte[Size];
        BinaryPrimitives.WriteUInt32BigEndian(datagram, number);
        Assert.Equal(Size, socket.Send(datagram));
    }

    private static void SendLot(Socket socket, uint first)
    {
        const int SOL_UDP = 17, UDP_SEGMENT = 103;
        Span<byte> datagrams = stackalloc byte[Lot * Size];
        for (int i = 0; i < Lot; i++)
            BinaryPrimitives.WriteUInt32BigEndian(datagrams[(i * Size)..], first + (uint)i);
        socket.SetRawSocketOption(SOL_UDP, UDP_SEGMENT, BitConverter.GetBytes(Size));
        Assert.Equal(datagrams.Length, socket.Send(datagrams));
        socket.SetRawSocketOption(SOL_UDP, UDP_SEGMENT, BitConverter.GetBytes(0));
    }

    private static uint Receive(Socket socket)
    {
        Span<byte> datagram = stackalloc byte[2 * Size];
        Assert.Equal(Size, socket.Receive(datagram));
        return BinaryPrimitives.ReadUInt32BigEndian(datagram);
    }
}
