using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Probing;
using CsCheck;

namespace AkkaOverlay.Kernel.Tests.Probing;

/// <summary>Who is answered, and with how much; on the loopback device.</summary>
public sealed class ProbeSocketSpecs : IDisposable
{
    private const ulong Token = 0x1122334455667788;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(300);

    private readonly List<IProbeSocket> sockets = [];

    public void Dispose() => sockets.ForEach(socket => socket.Dispose());

    [Theory]
    [InlineData("127.0.0.1", 36)]
    [InlineData("127.0.0.1", 1422)]
    [InlineData("::1", 36)]
    [InlineData("::1", 8900)]
    public void A_peer_with_the_token_gets_an_answer_that_comes_back_to_its_asker(string address, int length)
    {
        var (asker, answers) = Open(address);
        var (asked, _) = Open(address);
        asked.Gate = new ProbeGate(Token, [asker.Local]);
        Assert.Equal(ProbeSending.Sent, asker.Ask(asked.Local, Token, 42, length, out string? problem));
        Assert.Null(problem);
        Assert.True(answers.TryTake(out var answer, Patience));
        Assert.Equal((asked.Local, 42UL), (answer.From, answer.Nonce));
        Assert.InRange(TimeProvider.System.GetElapsedTime(answer.At), TimeSpan.Zero, Patience);
        Assert.True(SpinWait.SpinUntil(() => asked.Given == 1, Patience));
    }

    [Fact]
    public void Strangers_and_those_with_a_wrong_token_get_nothing()
    {
        var (asker, answers) = Open("127.0.0.1");
        var (asked, _) = Open("127.0.0.1");
        var otherPort = new IPEndPoint(asker.Local.Address, asker.Local.Port ^ 1);
        var otherHost = new IPEndPoint(IPAddress.Parse("127.0.0.2"), asker.Local.Port);
        foreach (var gate in new[] { ProbeGate.Shut, new ProbeGate(Token, []), new ProbeGate(Token, [otherPort]), new ProbeGate(Token, [otherHost]), new ProbeGate(Token + 1, [asker.Local]) })
        {
            asked.Gate = gate;
            asker.Ask(asked.Local, Token, 42, 100, out _);
            Assert.False(answers.TryTake(out _, Silence));
        }
        Assert.Equal(0, asked.Given);
        asked.Gate = new ProbeGate(Token, [asker.Local]);
        asker.Ask(asked.Local, Token, 42, 100, out _);
        Assert.True(answers.TryTake(out _, Patience));
    }

    [Fact]
    public void An_answer_is_as_long_as_its_question_and_is_no_question()
    {
        var from = new IPEndPoint(IPAddress.Loopback, 4000);
        var gate = new ProbeGate(Token, [from]);
        byte[] question = new byte[777];
        new ProbeDatagram(ProbeKind.Question, Token, 42).Write(question);
        byte[] answer = gate.Answer(from, question)!;
        Assert.Equal(777, answer.Length);
        Assert.True(ProbeDatagram.TryRead(answer, out var read));
        Assert.Equal((ProbeKind.Answer, 0UL, 42UL), (read.Kind, read.Token, read.Nonce));
        // Two hosts never play with one datagram for ever.
        Assert.Null(gate.Answer(from, answer));
    }

    [Fact]
    public void Random_octets_are_never_answered()
    {
        var from = new IPEndPoint(IPAddress.Loopback, 4000);
        var gate = new ProbeGate(Token, [from]);
        Gen.Byte.Array[0, 100].Sample(octets => gate.Answer(from, octets) is null, iter: 20_000);
        byte[] question = new byte[36];
        new ProbeDatagram(ProbeKind.Question, Token, 42).Write(question);
        Gen.Select(Gen.Int[0, 15], Gen.Byte).Sample((place, value) =>
        {
            byte[] changed = [.. question];
            changed[place] = value;
            return value == question[place] || place is > 4 and < 8 || gate.Answer(from, changed) is null;
        }, iter: 20_000);
    }

    [Fact]
    public void What_is_too_large_for_the_device_is_refused_with_the_kernels_word()
    {
        var (asker, _) = Open("127.0.0.1");
        Assert.Equal(ProbeSending.Refused, asker.Ask(new IPEndPoint(IPAddress.Loopback, 9), Token, 42, 65_535, out string? problem));
        Assert.Equal("Message too long", problem);
    }

    [Fact]
    public void A_socket_that_is_closed_ends_its_thread_without_a_word()
    {
        bool said = false;
        var socket = ProbeSocket.Open(IPAddress.Loopback, _ => { }, _ => said = true);
        var address = socket.Local;
        Thread.Sleep(50);
        socket.Dispose();
        using var again = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Assert.True(SpinWait.SpinUntil(() => Bound(again, address), Patience));
        Assert.False(said);
    }

    [Fact]
    public void An_address_that_is_not_here_is_refused() =>
        Assert.Throws<SocketException>(() => ProbeSocket.Open(IPAddress.Parse("192.0.2.1"), _ => { }, _ => { }));

    private static bool Bound(Socket socket, IPEndPoint address)
    {
        try
        {
            socket.Bind(address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private (IProbeSocket Socket, System.Collections.Concurrent.BlockingCollection<ProbeAnswer> Answers) Open(string address)
    {
        var answers = new System.Collections.Concurrent.BlockingCollection<ProbeAnswer>();
        var socket = ProbeSocket.Open(IPAddress.Parse(address), answers.Add, _ => { });
        sockets.Add(socket);
        return (socket, answers);
    }
}
