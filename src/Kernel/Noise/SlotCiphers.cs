using System.Security.Cryptography;

namespace AkkaOverlay.Kernel.Noise;

/// <summary>
/// One key, with a cipher for each thread that uses it: <see cref="AesGcm"/> is not for several threads, and a lock around it would be a lock around
/// every packet. A thread names itself by a slot.
/// </summary>
internal sealed class SlotCiphers(ReadOnlySpan<byte> key) : IDisposable
{
    /// <summary>The slot of what the key exchange itself seals, under its own lock; those from 0 on are the callers'.</summary>
    public const int OwnSlot = -1;

    private readonly byte[] _key = Secrets.Copy(key);
    private readonly Lock _gate = new();

    // Most hosts have few threads and many sessions, so the table grows as slots are named.
    private AesGcm?[] _bySlot = [];
    private bool _zeroed;

    /// <summary>The slot's cipher, made at its first use; null where the key was zeroed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slot.</exception>
    public AesGcm? Of(int slot)
    {
        var bySlot = Volatile.Read(ref _bySlot);
        int place = slot - OwnSlot;
        return (uint)place < (uint)bySlot.Length && bySlot[place] is { } cipher ? cipher : Make(slot);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _zeroed = true;
            Secrets.Zero(_key);
            foreach (var cipher in _bySlot)
                cipher?.Dispose();
            Volatile.Write(ref _bySlot, []);
        }
    }

    private AesGcm? Make(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slot, OwnSlot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, TransportSession.Slots);
        int place = slot - OwnSlot;
        lock (_gate)
        {
            if (_zeroed)
                return null;
            var bySlot = _bySlot;
            if (place >= bySlot.Length)
                Array.Resize(ref bySlot, place + 1);
            var cipher = bySlot[place] ??= new AesGcm(_key, WireFormat.TagLength);
            Volatile.Write(ref _bySlot, bySlot);
            return cipher;
        }
    }
}
