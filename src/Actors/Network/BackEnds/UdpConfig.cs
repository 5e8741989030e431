namespace AkkaOverlay.Actors.Network;

/// <summary>Back end <c>udp</c>: packets of TUN device <c>flannel0</c> carried in UDP by the process itself.</summary>
public sealed record UdpConfig() : BackEndConfig(TypeName)
{
    public const string TypeName = "udp";

    /// <summary>The one cipher that <see cref="Encryption"/> can name.</summary>
    public const string Aes256Gcm = "aes-256-gcm";

    /// <summary>Source and destination port, 1 to 65535. No lease says it: all hosts must have the same.</summary>
    public int Port { get; init; } = 8285;

    /// <summary>Null sends flannel's bare packets; <see cref="Aes256Gcm"/> is ours and understood by this product only.</summary>
    public string? Encryption { get; init; }

    public bool IsEncrypted => Encryption is not null;

    internal static UdpConfig Read(JsonFields options)
    {
        int port = options.Number("Port", 8285, 1, MaxUInt16);
        string? encryption = options.Text("Encryption");
        if (encryption is not (null or Aes256Gcm))
            throw options.Refuse("Encryption", $"\"{encryption}\"", $"must be \"{Aes256Gcm}\", or be left out for none");
        return new UdpConfig { Port = port, Encryption = encryption };
    }

    internal override void Write(OptionWriter options)
    {
        options.Number("Port", Port);
        options.Text("Encryption", Encryption);
    }
}
