using System.Text.Json.Nodes;

namespace AkkaOverlay.Cni;

/// <summary>One call of a container runtime: the command, the answer, and how it ends. Specification: CNI 1.1.0, sections 2 and 4.</summary>
/// <param name="log">One line for the runtime's log where something is done beside what was asked for.</param>
internal sealed partial class Plugin(Invocation invocation, NetworkConf conf, TextWriter log)
{
    private static readonly byte[] Nothing = [];

    private readonly AttachmentStore store = new(conf.DataDirectory, conf.Name);

    /// <summary>Reads everything, does it, and answers on <paramref name="output"/> in one write: a result, nothing, or an error.</summary>
    /// <returns>The exit status: 0 or 1.</returns>
    public static int Run(IReadOnlyDictionary<string, string> environment, Stream input, Stream output, TextWriter log)
    {
        string version = CniVersion.Latest;
        try
        {
            var invocation = Invocation.Read(environment);
            if (invocation.Command == "VERSION")
            {
                output.Write(VersionReply.To(input));
                return 0;
            }
            var json = Json.Object(ReadAll(input), "the network configuration on standard input");
            if (Json.Text(json["cniVersion"]) is { } spoken && CniVersion.Supported.Contains(spoken))
                version = spoken;
            output.Write(new Plugin(invocation, NetworkConf.Read(json, invocation.Command), log).Answer());
            return 0;
        }
        catch (DelegateErrorException e)
        {
            output.Write(e.Result);
        }
        catch (CniException e)
        {
            output.Write(ErrorResult.Write(version, e.Code, e.Message, e.Details));
        }
        // A runtime wants an answer whatever happens; a stack trace would be none.
        catch (Exception e)
        {
            output.Write(ErrorResult.Write(version, ErrorCode.Internal, "akka-overlay-cni failed, which is its own fault", Printable.Of($"{e.GetType().Name}: {e.Message}")));
        }
        return 1;
    }

    private byte[] Answer() => invocation.Command switch
    {
        "ADD" => Add(invocation.Attachment!.Value),
        "DEL" => Delete(invocation.Attachment!.Value),
        "CHECK" => Check(invocation.Attachment!.Value),
        "GC" => CollectGarbage(),
        _ => Status(),
    };

    private DelegatePlugin FindDelegate(string? type = null) => DelegatePlugin.Find(type ?? conf.DelegateType, invocation, conf.Patience);

    /// <exception cref="CniException">Of the given code: there is no subnet.env, or it is broken.</exception>
    private SubnetEnv ReadSubnet(int code)
    {
        try
        {
            return SubnetEnv.Read(conf.SubnetFile);
        }
        catch (FormatException e)
        {
            throw new CniException(code, "this host has no usable subnet of the overlay", Printable.Of(e.Message), e);
        }
    }

    private static byte[] ReadAll(Stream input)
    {
        using var content = new MemoryStream();
        byte[] chunk = new byte[16 << 10];
        while (input.Read(chunk) is var count and > 0)
        {
            content.Write(chunk, 0, count);
            if (content.Length > Json.Largest)
                throw new CniException(ErrorCode.Decoding, $"the network configuration on standard input is larger than {Json.Largest >> 20} MiB");
        }
        return content.ToArray();
    }
}
