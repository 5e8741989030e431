using System.Text.Json.Nodes;

namespace AkkaOverlay.Cni;

/// <content>One attachment: ADD, DEL, CHECK.</content>
internal sealed partial class Plugin
{
    /// <summary>For taking back what an ADD that failed has left.</summary>
    private static readonly TimeSpan RollbackPatience = TimeSpan.FromSeconds(10);

    /// <summary>Saved before the delegate starts, so that a DEL knows of whatever a killed ADD has done. What fails is taken back.</summary>
    private byte[] Add(Attachment attachment)
    {
        var host = ReadSubnet(ErrorCode.TryAgain);
        var plugin = FindDelegate();
        string spoken = plugin.Speaks(conf.Version);
        var forward = DelegateConf.Build(conf, host, spoken);
        // Added twice: what fails then is the second one, and the first one's device is in use.
        bool first = !store.Has(attachment);
        if (first)
            store.Save(attachment, forward);
        byte[] answer;
        try
        {
            answer = ResultOf(plugin, plugin.Run(forward), spoken);
        }
        catch (Exception) when (first)
        {
            TakeBack(plugin, attachment, forward);
            throw;
        }
        if (!first)
            store.Save(attachment, forward);
        return answer;
    }

    /// <summary>The delegate's own words; only where it spoke the version before ours, the label is changed.</summary>
    private byte[] ResultOf(DelegatePlugin plugin, byte[] printed, string spoken)
    {
        var result = Json.Object(printed, $"what the plugin '{plugin.Type}' printed");
        if (spoken == conf.Version)
            return printed;
        DelegateConf.Relabel(result, conf.Version);
        return Json.Write(result);
    }

    private void TakeBack(DelegatePlugin plugin, Attachment attachment, JsonObject forward)
    {
        try
        {
            _ = plugin.With(RollbackPatience, ("CNI_COMMAND", "DEL")).Run(forward);
            store.Remove(attachment);
        }
        catch (Exception e) when (e is CniException or DelegateErrorException)
        {
            // The state stays: a DEL or a GC tries again.
            log.WriteLine($"akka-overlay-cni: ADD failed, and so did taking it back: {Printable.Of(e.Message)}");
        }
    }

    /// <summary>
    /// Does what can be done and is content with what is gone already. Without saved state the delegate is asked with what ADD would give it now, for it may hold an
    /// address of this container; where that cannot be told either, nothing is left that we know of.
    /// </summary>
    private byte[] Delete(Attachment attachment)
    {
        var saved = store.Load(attachment);
        if (saved is not null)
            _ = FindDelegate(Json.Text(saved["type"])).Run(DelegateConf.WithPrevResult(saved, conf.Given));
        else if (Now(attachment) is var (plugin, forward))
            _ = plugin.Run(DelegateConf.WithPrevResult(forward, conf.Given));
        store.Remove(attachment);
        return Nothing;
    }

    /// <summary>Null where the subnet or the delegate is missing.</summary>
    private (DelegatePlugin Plugin, JsonObject Forward)? Now(Attachment attachment)
    {
        try
        {
            var host = ReadSubnet(ErrorCode.TryAgain);
            var plugin = FindDelegate();
            return (plugin, DelegateConf.Build(conf, host, plugin.Speaks(conf.Version)));
        }
        catch (CniException e)
        {
            log.WriteLine($"akka-overlay-cni: {invocation.Command} of {attachment.ContainerId}, of which no state was saved, leaves the delegate out: {e.Message}");
            return null;
        }
    }

    private byte[] Check(Attachment attachment)
    {
        var saved = store.Load(attachment)
            ?? throw new CniException(ErrorCode.ContainerUnknown, $"{attachment.ContainerId} with {attachment.Interface} was not added to {conf.Name}", "no state of its ADD is saved");
        if (conf.Given["prevResult"] is not JsonObject)
            throw new CniException(ErrorCode.InvalidConfig, "prevResult is missing", "CHECK compares it with what is there");
        _ = FindDelegate(Json.Text(saved["type"])).Run(DelegateConf.WithPrevResult(saved, conf.Given));
        return Nothing;
    }
}
