using System.Net.Sockets;
using AkkaOverlay.Node.Api;

namespace AkkaOverlay.Node.Tests.Api;

/// <summary>Who asks, by the kernel's word, and what a stranger's text may not do to the log.</summary>
public sealed class AuditSpecs
{
    [Fact]
    public void The_kernel_says_who_is_at_the_other_end_of_a_unix_socket()
    {
        string path = Path.Combine(Path.GetTempPath(), $"aol-audit-{Environment.ProcessId}.sock");
        try
        {
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            client.Connect(new UnixDomainSocketEndPoint(path));
            using var server = listener.Accept();
            var peer = PeerCredentials.Of(server)!;
            Assert.Equal((Environment.ProcessId, 0u, 0u), (peer.Pid, peer.Uid, peer.Gid));
            Assert.NotEqual("?", peer.Program);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_TCP_socket_has_no_such_word()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.Null(PeerCredentials.Of(socket));
    }

    [Theory]
    [InlineData("PUT /x", "PUT /x")]
    [InlineData("a\nb\r\u001b[2Jc\u2028d", "a?b??[2Jc?d")]
    public void What_a_stranger_wrote_stays_on_its_line(string text, string plain) => Assert.Equal(plain, Audit.Plain(text));

    [Fact]
    public void And_is_no_longer_than_anybody_reads() => Assert.Equal(303, Audit.Plain(new string('x', 100_000)).Length);
}
