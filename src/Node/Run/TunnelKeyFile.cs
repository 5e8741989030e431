using System.Globalization;
using AkkaOverlay.Actors;
using AkkaOverlay.Actors.PacketForwarder;
using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Node.Run;

/// <summary>
/// The host's static X25519 key, by which the others know it in an encrypted network, and how often it was started with it: two files of the state directory that
/// belong together. Made at the first start, whatever the network, since it may become an encrypted one.
/// </summary>
public static class TunnelKeyFile
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private static string KeyIn(string stateDirectory) => Path.Combine(stateDirectory, "tunnel-key");

    private static string EpochIn(string stateDirectory) => Path.Combine(stateDirectory, "tunnel-epoch");

    /// <summary>Counts this start before anything is said with the key: peers refuse what is older than what they have heard.</summary>
    /// <param name="time">Its wall clock is the least that the count is set to: a state directory that was restored from a copy must not count again what is known.</param>
    /// <exception cref="StartException">A file cannot be read or written, or holds something else; or the key is not its owner's alone.</exception>
    public static TunnelKeys Open(string stateDirectory, TimeProvider time)
    {
        try
        {
            var key = LoadOrCreate(KeyIn(stateDirectory));
            ulong epoch = Math.Max(LastEpoch(EpochIn(stateDirectory)) + 1, (ulong)time.GetUtcNow().ToUnixTimeSeconds());
            AtomicFile.Write(EpochIn(stateDirectory), string.Create(CultureInfo.InvariantCulture, $"{epoch}\n"), durable: true);
            return new TunnelKeys(key, epoch);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException(e.Message, e);
        }
    }

    private static StaticKey LoadOrCreate(string file)
    {
        if (!File.Exists(file))
        {
            var made = StaticKey.Generate();
            byte[] octets = made.Export();
            AtomicFile.Write(file, $"{Convert.ToBase64String(octets)}\n", durable: true);
            Array.Clear(octets);
            return made;
        }
        // Not tightened without a word: who has read it can be this host, and only an operator knows who could.
        if ((File.GetUnixFileMode(file) & Others) is not UnixFileMode.None)
            throw new StartException($"{file}: others than its owner may read or write it; chmod 600 it, or delete it if somebody did: the host gets a new key, and the others hear of it with its lease");
        // Whatever is wrong with it, it is not shown.
        byte[] known = new byte[StaticKey.Length];
        if (!Convert.TryFromBase64String(File.ReadAllText(file).Trim(), known, out int length) || length != StaticKey.Length)
            throw new StartException($"{file}: not a key (base64 of {StaticKey.Length} octets); restore the file, or delete it: the host gets a new key, and the others hear of it with its lease");
        var key = StaticKey.FromBytes(known);
        Array.Clear(known);
        return key;
    }

    private static ulong LastEpoch(string file)
    {
        if (!File.Exists(file))
            return 0;
        string text = File.ReadAllText(file).Trim();
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong epoch) && epoch < ulong.MaxValue
            ? epoch
            : throw new StartException($"{file}: not a number; restore the file, or delete it and tunnel-key: the host gets a new key, and the others hear of it with its lease");
    }
}
