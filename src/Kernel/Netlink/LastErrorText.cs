using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AkkaOverlay.Kernel.Netlink;

/// <summary>What a system call was for, and its errno as it was before anything of the text was put together: that may call the system itself.</summary>
[InterpolatedStringHandler]
internal ref struct LastErrorText
{
    private DefaultInterpolatedStringHandler text;
    private string? whole;

    public LastErrorText(int literalLength, int formattedCount)
    {
        Errno = Marshal.GetLastPInvokeError();
        text = new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture);
    }

    private LastErrorText(string whole)
    {
        Errno = Marshal.GetLastPInvokeError();
        this.whole = whole;
    }

    public int Errno { get; }

    public string Text => whole ??= text.ToStringAndClear();

    public static implicit operator LastErrorText(string whole) => new(whole);

    public void AppendLiteral(string value) => text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => text.AppendFormatted(value);
}
