using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace AkkaOverlay.Kernel.Namespaces;

/// <summary>Which network namespace this is, among all that there were since the machine booted.</summary>
public static class NamespaceIdentity
{
    // <asm-generic/socket.h>
    private const int SolSocket = 1;
    private const int SoNetnsCookie = 71;

    /// <summary>
    /// Of the calling thread: the cookie (SO_NETNS_COOKIE, Linux 5.14), which no later namespace of this boot gets; under an older kernel the inode (namespaces(7)), which the
    /// next one may well get.
    /// </summary>
    public static string OfThread()
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            ulong cookie = 0;
            socket.GetRawSocketOption(SolSocket, SoNetnsCookie, MemoryMarshal.AsBytes(new Span<ulong>(ref cookie)));
            return $"cookie {cookie}";
        }
        catch (SocketException)
        {
            return new FileInfo("/proc/thread-self/ns/net").LinkTarget ?? "";
        }
    }
}
