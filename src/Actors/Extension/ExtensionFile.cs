using System.Collections.Immutable;
using System.Text.Json;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Extension;

/// <summary>
/// The file extension.json of the state directory: what the operator's commands have done in one network namespace since the machine booted. A file of another boot counts
/// as none, for the kernel has nothing of it; one of another namespace of this boot is <see cref="Trouble"/>, for what it says may still be there.
/// </summary>
public sealed class ExtensionFile
{
    private readonly string file;
    private readonly string bootId;
    private readonly string networkNamespace;
    private bool isAside;
    private volatile ExtensionRecord last = ExtensionRecord.Empty;

    /// <param name="networkNamespace">Of this process, as <see cref="NamespaceIdentity.OfThread"/> has it.</param>
    public ExtensionFile(string stateDirectory, string bootId, string networkNamespace)
    {
        file = Path.Combine(stateDirectory, "extension.json");
        this.bootId = bootId;
        this.networkNamespace = networkNamespace;
        try
        {
            if (File.Exists(file))
                last = Read(File.ReadAllText(file), bootId, networkNamespace);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            Trouble = $"{file}: {e.Message}";
        }
    }

    /// <summary>Why the file that was found counts for nothing, for an operator; null where it does not.</summary>
    public string? Trouble { get; }

    /// <summary>As it was read or last saved; empty in another boot, when the kernel has nothing of it. Any thread may ask.</summary>
    public ExtensionRecord Last => last;

    /// <summary>A file that counts for nothing is kept beside it, as extension.json.other: it may be all that tells how to undo something.</summary>
    /// <exception cref="IOException">It cannot be written; so does <see cref="UnauthorizedAccessException"/>.</exception>
    public void Save(ExtensionRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (Trouble is not null && !isAside)
        {
            if (File.Exists(file))
                File.Move(file, $"{file}.other", overwrite: true);
            isAside = true;
        }
        if (record.IsEmpty)
            File.Delete(file);
        else
            AtomicFile.Write(file, Format(record, bootId, networkNamespace), durable: false);
        last = record;
    }

    internal static string Format(ExtensionRecord record, string bootId, string networkNamespace) => JsonSerializer.Serialize(new Saved(
        bootId,
        networkNamespace,
        Command(record.Pre),
        record.Published is { } published ? new SavedData([.. published.Command.Arguments], published.Data) : null,
        Command(record.Post),
        Command(record.Shutdown),
        record.TimeLimit.TotalSeconds,
        [.. record.Peers.Select(peer => new SavedPeer(peer.Key.Value, [.. peer.Value.Peer.Subnets.Select(subnet => subnet.ToString())], Command(peer.Value.Peer.Add), Command(peer.Value.Peer.Remove), peer.Value.Done, peer.Value.WasDone))]));

    /// <exception cref="InvalidDataException">It is no such file, or another namespace's.</exception>
    internal static ExtensionRecord Read(string text, string bootId, string networkNamespace)
    {
        try
        {
            var saved = JsonSerializer.Deserialize<Saved>(text) ?? throw new JsonException("nothing is in it");
            if (saved.BootId != bootId)
                return ExtensionRecord.Empty;
            if (saved.NetworkNamespace != networkNamespace)
                throw new InvalidDataException($"it tells of another network namespace ({PlainText.Of(saved.NetworkNamespace)}, this one is {networkNamespace})");
            return new ExtensionRecord
            {
                Pre = Command(saved.Pre),
                Published = saved.Published is { } data ? new PublishedData(new ExtensionCommand([.. data.Command]), data.Data) : null,
                Post = Command(saved.Post),
                Shutdown = Command(saved.Shutdown),
                TimeLimit = TimeSpan.FromSeconds(saved.TimeLimit),
                Peers = saved.Peers.ToImmutableDictionary(
                    peer => new NodeId(peer.Node),
                    peer => new CarriedOut(new ExtensionPeer([.. peer.Subnets.Select(IpPrefix.Parse)], Command(peer.Add), Command(peer.Remove)), peer.Done, peer.WasDone)),
            };
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or NullReferenceException or OverflowException)
        {
            throw new InvalidDataException(e.Message.ReplaceLineEndings(" "), e);
        }
    }

    private static SavedCommand? Command(PreparedCommand? command) =>
        command is null ? null : new SavedCommand([.. command.Arguments], [.. command.Environment], command.Input);

    private static PreparedCommand? Command(SavedCommand? saved) =>
        saved is null ? null : new PreparedCommand([.. saved.Arguments], [.. saved.Environment], saved.Input);

    private sealed record Saved(string BootId, string NetworkNamespace, SavedCommand? Pre, SavedData? Published, SavedCommand? Post, SavedCommand? Shutdown, double TimeLimit, IReadOnlyList<SavedPeer> Peers);

    private sealed record SavedCommand(IReadOnlyList<string> Arguments, IReadOnlyList<CommandValue> Environment, string Input);

    private sealed record SavedData(IReadOnlyList<string> Command, string Data);

    private sealed record SavedPeer(Guid Node, IReadOnlyList<string> Subnets, SavedCommand? Add, SavedCommand? Remove, bool Done, bool WasDone);
}
