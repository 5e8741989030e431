using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Probing;

namespace AkkaOverlay.Actors.Probes;

/// <summary>A socket on each address that this host has inside the overlay, kept as these come and go.</summary>
internal sealed class ProbeSockets(OpenProbeSocket open, Action<ProbeAnswer> answered, Action<IPAddress> ended)
{
    private readonly Dictionary<IPAddress, IProbeSocket> sockets = [];
    private ProbeGate gate = ProbeGate.Shut;
    private long givenBefore;

    public ImmutableArray<IPEndPoint> EndPoints => [.. sockets.Values.Select(socket => socket.Local)];

    public IReadOnlySet<AddressFamily> Families => sockets.Keys.Select(address => address.AddressFamily).ToHashSet();

    /// <summary>Answers given.</summary>
    public long Given => givenBefore + sockets.Values.Sum(socket => socket.Given);

    public IProbeSocket? Of(AddressFamily family) => sockets.Values.FirstOrDefault(socket => socket.Local.AddressFamily == family);

    /// <returns>Why an address cannot be used yet; null where all are.</returns>
    public string? Adopt(IReadOnlyCollection<IPAddress> wanted)
    {
        foreach (var gone in sockets.Keys.Except(wanted).ToList())
            Close(gone);
        string? problem = null;
        foreach (var address in wanted.Where(address => !sockets.ContainsKey(address)))
        {
            try
            {
                sockets[address] = open(address, answered, _ => ended(address));
                sockets[address].Gate = gate;
            }
            catch (SocketException e)
            {
                problem = $"no socket on {address}: {e.Message}";
            }
        }
        return problem;
    }

    public void Close(IPAddress address)
    {
        if (!sockets.Remove(address, out var socket))
            return;
        givenBefore += socket.Given;
        socket.Dispose();
    }

    public void LetIn(ProbeGate askers)
    {
        gate = askers;
        foreach (var socket in sockets.Values)
            socket.Gate = askers;
    }

    public void CloseAll()
    {
        foreach (var address in sockets.Keys.ToList())
            Close(address);
    }
}
