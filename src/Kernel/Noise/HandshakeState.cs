namespace AkkaOverlay.Kernel.Noise;

/// <summary>
/// One handshake of pattern IK (Noise revision 34, sections 5.3 and 7.5), either side of it, in the words of the specification:
/// <code>
///   &lt;- s                      the initiator knows the responder's static key beforehand
///   ...
///   -&gt; e, es, s, ss           first message
///   &lt;- e, ee, se              second message; then Split
/// </code>
/// A method that returns false met a ciphertext that is not authentic, or a shared secret that is all zero.
/// </summary>
internal sealed class HandshakeState : IDisposable
{
    public const string ProtocolName = "Noise_IK_25519_AESGCM_SHA256";

    /// <summary>Octets of the first message beside its payload: ephemeral key, static key with its tag, tag of the payload.</summary>
    public const int FirstOverhead = PublicKey.Length + SealedStaticLength + WireFormat.TagLength;

    /// <summary>Octets of the second message beside its payload: ephemeral key, tag of the payload.</summary>
    public const int SecondOverhead = PublicKey.Length + WireFormat.TagLength;

    private const int SealedStaticLength = PublicKey.Length + WireFormat.TagLength;

    private readonly PrivateKey _static;
    private readonly bool _initiator;
    private PrivateKey? _ephemeral;
    private SymmetricState _symmetric = new(ProtocolName);
    private PublicKey _remoteStatic;
    private PublicKey _remoteEphemeral;

    private HandshakeState(bool initiator, PrivateKey local, PrivateKey? ephemeral, PublicKey responder, ReadOnlySpan<byte> prologue)
    {
        (_initiator, _static, _ephemeral) = (initiator, local, ephemeral);
        _symmetric.MixHash(prologue);
        MixHash(responder);
    }

    /// <summary>Known to a responder once it has read the static key.</summary>
    public PublicKey RemoteStatic => _remoteStatic;

    /// <summary>The handshake hash h: after the second message the same on both sides, and of this handshake alone.</summary>
    public ReadOnlySpan<byte> Hash => _symmetric.Hash;

    /// <param name="ephemeral">Never to be used for another handshake; disposed with this state.</param>
    public static HandshakeState Initiator(PrivateKey local, PrivateKey ephemeral, PublicKey remote, ReadOnlySpan<byte> prologue) =>
        new(initiator: true, local, ephemeral, remote, prologue) { _remoteStatic = remote };

    /// <param name="ephemeral">As of the initiator; null to draw one when the second message is written, which a stranger's first does not bring about.</param>
    public static HandshakeState Responder(PrivateKey local, PrivateKey? ephemeral, ReadOnlySpan<byte> prologue) =>
        new(initiator: false, local, ephemeral, local.PublicKey, prologue);

    /// <param name="message">As long as the payload and <see cref="FirstOverhead"/>.</param>
    public bool TryWriteFirst(ReadOnlySpan<byte> payload, Span<byte> message)
    {
        var ephemeral = WriteEphemeral(message);
        if (!MixKey(ephemeral, _remoteStatic))
            return false;
        Span<byte> local = stackalloc byte[PublicKey.Length];
        _static.PublicKey.CopyTo(local);
        _symmetric.EncryptAndHash(local, message.Slice(PublicKey.Length, SealedStaticLength));
        if (!MixKey(_static, _remoteStatic))
            return false;
        _symmetric.EncryptAndHash(payload, message[(PublicKey.Length + SealedStaticLength)..]);
        // It may take seconds until the answer is here, and thousands may wait.
        ephemeral.Rest();
        return true;
    }

    /// <summary>
    /// Reads "e, es, s", after which the responder knows who claims to speak, but has no proof. Two steps, so that a stranger costs no more than this.
    /// </summary>
    public bool TryReadFirstStatic(ReadOnlySpan<byte> message)
    {
        ReadEphemeral(message);
        Span<byte> remote = stackalloc byte[PublicKey.Length];
        if (!MixKey(_static, _remoteEphemeral) || !_symmetric.TryDecryptAndHash(message.Slice(PublicKey.Length, SealedStaticLength), remote))
            return false;
        _remoteStatic = PublicKey.FromBytes(remote);
        return true;
    }

    /// <summary>Reads "ss" and the payload, which proves who speaks, but not that it speaks now.</summary>
    public bool TryReadFirstPayload(ReadOnlySpan<byte> message, Span<byte> payload) =>
        MixKey(_static, _remoteStatic) && _symmetric.TryDecryptAndHash(message[(PublicKey.Length + SealedStaticLength)..], payload);

    /// <param name="message">As long as the payload and <see cref="SecondOverhead"/>.</param>
    public bool TryWriteSecond(ReadOnlySpan<byte> payload, Span<byte> message)
    {
        var ephemeral = WriteEphemeral(message);
        if (!MixKey(ephemeral, _remoteEphemeral) || !MixKey(ephemeral, _remoteStatic))
            return false;
        _symmetric.EncryptAndHash(payload, message[PublicKey.Length..]);
        return true;
    }

    /// <summary>A message that fails changes nothing: anybody can send one, and it must not end the handshake that the true one will complete.</summary>
    public bool TryReadSecond(ReadOnlySpan<byte> message, Span<byte> payload)
    {
        var ephemeral = _ephemeral ?? throw new InvalidOperationException("The first message was not written yet.");
        var before = _symmetric;
        var remoteEphemeral = _remoteEphemeral;
        _symmetric = before.Clone();
        ReadEphemeral(message);
        bool read = MixKey(ephemeral, _remoteEphemeral) && MixKey(_static, _remoteEphemeral)
            && _symmetric.TryDecryptAndHash(message[PublicKey.Length..], payload);
        ephemeral.Rest();
        if (read)
        {
            before.Dispose();
            return true;
        }
        _symmetric.Dispose();
        (_symmetric, _remoteEphemeral) = (before, remoteEphemeral);
        return false;
    }

    /// <summary>The keys of the transport phase, each 32 octets and of one direction.</summary>
    public void Split(Span<byte> send, Span<byte> receive)
    {
        if (_initiator)
            _symmetric.Split(send, receive);
        else
            _symmetric.Split(receive, send);
    }

    public void Dispose()
    {
        _symmetric.Dispose();
        _ephemeral?.Dispose();
    }

    private PrivateKey WriteEphemeral(Span<byte> message)
    {
        _ephemeral ??= PrivateKey.Generate();
        _ephemeral.PublicKey.CopyTo(message);
        _symmetric.MixHash(message[..PublicKey.Length]);
        return _ephemeral;
    }

    private void ReadEphemeral(ReadOnlySpan<byte> message)
    {
        _remoteEphemeral = PublicKey.FromBytes(message[..PublicKey.Length]);
        _symmetric.MixHash(message[..PublicKey.Length]);
    }

    private void MixHash(PublicKey key)
    {
        Span<byte> octets = stackalloc byte[PublicKey.Length];
        key.CopyTo(octets);
        _symmetric.MixHash(octets);
    }

    private bool MixKey(PrivateKey mine, PublicKey theirs)
    {
        Span<byte> secret = stackalloc byte[PrivateKey.Length];
        bool agreed = mine.TryAgree(theirs, secret);
        if (agreed)
            _symmetric.MixKey(secret);
        Secrets.Zero(secret);
        return agreed;
    }
}
