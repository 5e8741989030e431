using System.Text.Json.Nodes;

namespace AkkaOverlay.Cni;

/// <content>The whole network: GC, STATUS.</content>
internal sealed partial class Plugin
{
    private const string ValidAttachments = "cni.dev/valid-attachments";

    /// <summary>
    /// A DEL for every saved attachment that is not in the runtime's list, which any delegate understands; then GC for one that knows it. Goes on behind a failure and reports the first one.
    /// </summary>
    private byte[] CollectGarbage()
    {
        var valid = ReadValid();
        Exception? failure = null;
        foreach (var stale in store.All().Where(saved => !valid.Contains(saved)))
            Keep(ref failure, () => Discard(stale));
        store.RemoveUnfinished();
        Keep(ref failure, () => PassGarbageOn());
        return failure is null ? Nothing : throw failure;
    }

    private void Discard(Attachment stale)
    {
        // As DEL: an address without saved state would be lost.
        var (plugin, forward) = store.Load(stale) is { } saved ? (FindDelegate(Json.Text(saved["type"])), saved)
            : Now(stale) ?? throw new CniException(ErrorCode.TryAgain, $"the state of {stale.ContainerId} is broken, and what its ADD gave the delegate cannot be told");
        // Its namespace is gone, and another's may have got the name: without CNI_NETNS a delegate gives back the addresses and looks for no device.
        _ = plugin.With(("CNI_COMMAND", "DEL"), ("CNI_CONTAINERID", stale.ContainerId), ("CNI_IFNAME", stale.Interface), ("CNI_NETNS", null)).Run(forward);
        store.Remove(stale);
    }

    private void PassGarbageOn()
    {
        var plugin = FindDelegate();
        string spoken = plugin.Speaks(conf.Version);
        if (spoken != CniVersion.Latest)
            return;
        var forward = DelegateConf.Build(conf, ReadSubnet(ErrorCode.TryAgain), spoken);
        forward[ValidAttachments] = conf.Given[ValidAttachments]?.DeepClone() ?? new JsonArray();
        _ = plugin.Run(forward);
    }

    private static void Keep(ref Exception? failure, Action act)
    {
        try
        {
            act();
        }
        catch (Exception e) when (e is CniException or DelegateErrorException)
        {
            failure ??= e;
        }
    }

    /// <summary>All of the list or nothing: an entry that cannot be read is a container that would lose its address.</summary>
    private HashSet<Attachment> ReadValid()
    {
        if (!conf.Given.TryGetPropertyValue(ValidAttachments, out var given))
            throw new CniException(ErrorCode.InvalidConfig, $"{ValidAttachments} is missing", "GC removes what is not in it");
        // As Go writes a list of none.
        if (given is null)
            return [];
        if (given is not JsonArray list)
            throw new CniException(ErrorCode.InvalidConfig, $"{ValidAttachments} is no list", "GC removes what is not in it");
        var valid = new HashSet<Attachment>();
        foreach (var entry in list)
        {
            if (entry is not JsonObject one || Json.Text(one["containerID"]) is not { } container || Json.Text(one["ifname"]) is not { } device)
                throw new CniException(ErrorCode.InvalidConfig, $"{ValidAttachments} has an entry without containerID and ifname", Printable.Of(entry?.ToJsonString() ?? "null"));
            valid.Add(new Attachment(container, device));
        }
        return valid;
    }

    /// <summary>Ready when this host has its subnet and the delegate is there, and says so itself where it knows how.</summary>
    private byte[] Status()
    {
        var host = ReadSubnet(ErrorCode.NotAvailable);
        DelegatePlugin plugin;
        try
        {
            plugin = FindDelegate();
        }
        catch (CniException e)
        {
            throw new CniException(ErrorCode.NotAvailable, e.Message, e.Details, e);
        }
        string spoken = plugin.Speaks(conf.Version);
        if (spoken == CniVersion.Latest)
            _ = plugin.Run(DelegateConf.Build(conf, host, spoken));
        return Nothing;
    }
}
