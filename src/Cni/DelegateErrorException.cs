namespace AkkaOverlay.Cni;

/// <summary>The delegate failed and said why in CNI's own format: the runtime gets its words, not ours.</summary>
internal sealed class DelegateErrorException(byte[] result) : Exception("the delegate refused")
{
    public byte[] Result { get; } = result;
}
