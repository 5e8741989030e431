using System.Collections.Immutable;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Wire;
using AkkaOverlay.Actors.SubnetAllocator;
using Google.Protobuf;
using Proto = AkkaOverlay.Actors.Wire.Proto;

namespace AkkaOverlay.Actors.Host;

/// <summary>What a host knows of the ledger.</summary>
/// <param name="View">As its feed had it; nothing but the network where the feed had nothing yet.</param>
/// <param name="Own">Its own lease, which the view may not have yet.</param>
public sealed record SavedLedger(LedgerView View, Lease? Own);

/// <summary>What a host keeps on its disk between two runs: its own lease, and the last complete ledger that it saw. Written so that a crash leaves the old or the new.</summary>
/// <param name="stateDirectory">Survives a reboot.</param>
/// <param name="subnetFile">Where containers' tools look (flannel's subnet.env).</param>
public sealed class HostFiles(string stateDirectory, string subnetFile)
{
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithIndentation());

    /// <summary>A newer release may have written more than this one knows.</summary>
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private string LeaseFile => Path.Combine(stateDirectory, "lease.json");

    private string FeedFile => Path.Combine(stateDirectory, "feed.json");

    private string WaysFile => Path.Combine(stateDirectory, "ways.json");

    public string SubnetFile { get; } = subnetFile;

    /// <exception cref="InvalidDataException">The file is there and cannot be read: forgetting a lease silently would be worse than not starting.</exception>
    public HeldLease? LoadLease() => File.Exists(LeaseFile) ? ReadLease(LeaseFile, File.ReadAllText(LeaseFile)) : null;

    public void SaveLease(HeldLease lease) => AtomicFile.Write(LeaseFile, Format(lease), durable: true);

    public void ForgetLease() => File.Delete(LeaseFile);

    /// <summary>What was last known in this very boot; null where there is nothing or it is of an earlier one. A broken file is no loss: the ledger has it all.</summary>
    public SavedLedger? LoadFeed(string bootId) => File.Exists(FeedFile) ? ReadFeed(FeedFile, File.ReadAllText(FeedFile), bootId) : null;

    public void SaveFeed(string bootId, SavedLedger ledger) => AtomicFile.Write(FeedFile, Format(bootId, ledger), durable: false);

    public void ForgetFeed() => File.Delete(FeedFile);

    /// <summary>Ways that did not get through in this very boot; none where there is no such file, or a broken one: the probes will tell again.</summary>
    public ImmutableDictionary<AvoidedWay, Avoidance> LoadWays(string bootId) => File.Exists(WaysFile) ? SavedWays.Read(File.ReadAllText(WaysFile), bootId) : SavedWays.None;

    public void SaveWays(string bootId, ImmutableDictionary<AvoidedWay, Avoidance> avoided) => AtomicFile.Write(WaysFile, SavedWays.Format(bootId, avoided), durable: false);

    public void ForgetWays() => File.Delete(WaysFile);

    /// <returns>True where the file was not the same before.</returns>
    public bool WriteSubnetFile(string content)
    {
        if (File.Exists(SubnetFile) && File.ReadAllText(SubnetFile) == content)
            return false;
        if (Path.GetDirectoryName(SubnetFile) is { Length: > 0 } directory)
            Directory.CreateDirectory(directory);
        AtomicFile.Write(SubnetFile, content, durable: false, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return true;
    }

    public void DeleteSubnetFile()
    {
        // Where not even the directory is, File.Delete throws.
        if (File.Exists(SubnetFile))
            File.Delete(SubnetFile);
    }

    /// <param name="file">Where the text comes from, for messages.</param>
    internal static HeldLease ReadLease(string file, string text)
    {
        try
        {
            return Read<Proto.SavedLease>(file, text).Held.ToDomain() ?? throw new FormatException("there is no lease in it");
        }
        catch (FormatException e)
        {
            throw new InvalidDataException($"{file}: {e.Message}", e);
        }
    }

    internal static SavedLedger? ReadFeed(string file, string text, string bootId)
    {
        try
        {
            var saved = Read<Proto.SavedFeed>(file, text);
            if (saved.BootId != bootId)
                return null;
            var leases = saved.Leases.Select(lease => lease.ToDomain());
            var view = LedgerView.Unknown with
            {
                Epoch = saved.Epoch.ToGuid(),
                Revision = saved.Revision,
                Network = saved.Network.ToDomain(),
                Leases = leases.ToImmutableDictionary(lease => lease.Owner),
            };
            return new SavedLedger(view, saved.Own?.ToDomain());
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or Network.NetConfException or ArgumentException)
        {
            return null;
        }
    }

    internal static string Format(HeldLease lease) => Formatter.Format(new Proto.SavedLease { Held = lease.ToProto() });

    internal static string Format(string bootId, SavedLedger ledger)
    {
        var view = ledger.View;
        var saved = new Proto.SavedFeed
        {
            BootId = bootId,
            Network = view.Network!.ToProto(),
            Epoch = view.Epoch.ToProto(),
            Revision = view.Revision,
            Own = ledger.Own?.ToProto(),
        };
        saved.Leases.AddRange(view.Leases.Values.Select(lease => lease.ToProto()));
        return Formatter.Format(saved);
    }

    private static T Read<T>(string file, string text) where T : class, IMessage, new()
    {
        try
        {
            return Parser.Parse<T>(text);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException)
        {
            throw new InvalidDataException($"{file}: {e.Message}", e);
        }
    }
}
