using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Forwarding;
using Xunit.Abstractions;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

/// <summary>The way in changes its thread, again and again, while packets come.</summary>
public sealed class ConversingSpecs(ITestOutputHelper output)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_goes_to_and_fro_and_comes_in_lots_in_turn_arrives_once_and_in_order(bool encrypted)
    {
        using var tunnel = new Tunnel();
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
            for (int i = 0; i < 100; i++)
            {
                Send(here, number);
                Send(there, number++);
            }
            for (uint i = first; i < number; i++)
            {
                Assert.Equal(i, Receive(there));
                Assert.Equal(i, Receive(here));
            }
            Thread.Sleep(round % 3 * 8);
        }
        output.WriteLine($"measured: {(encrypted ? "encrypted, " : "")}{tunnel.Loops.Sum(loop => loop.Handovers)} changes of the thread that takes in");
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
        for (uint i = 0; i < 200; i++)
            Send(here, i);
        for (uint i = 0; i < 200; i++)
            Assert.Equal(i, Receive(there));
        Thread.Sleep(20);
        // Before the device has anything of its own to send, which would wake whoever sends.
        there.ReceiveTimeout = 1500;
        for (uint i = 200; i < 210; i++)
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
        Span<byte> datagram = stackalloc byte[64];
        BinaryPrimitives.WriteUInt32BigEndian(datagram, number);
        Assert.Equal(64, socket.Send(datagram));
    }

    private static uint Receive(Socket socket)
    {
        Span<byte> datagram = stackalloc byte[128];
        Assert.Equal(64, socket.Receive(datagram));
        return BinaryPrimitives.ReadUInt32BigEndian(datagram);
    }
}
