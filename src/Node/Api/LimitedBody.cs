using Microsoft.AspNetCore.Http;

namespace AkkaOverlay.Node.Api;

/// <summary>A request's body that is read up to <see cref="ApiLimits.BodyBytes"/>; also one that does not say its length. The read that comes to more fails with <see cref="TooLarge"/>.</summary>
internal sealed class LimitedBody(Stream inner) : Stream
{
    private long read;

    /// <summary>Behind the one that says who may ask: whoever may not hears that first.</summary>
    public static Task Middleware(HttpContext context, RequestDelegate next)
    {
        if (context.Request.ContentLength > ApiLimits.BodyBytes)
            throw TooLarge();
        context.Request.Body = new LimitedBody(context.Request.Body);
        return next(context);
    }

    public static BadRequestException TooLarge() => new(StatusCodes.Status413PayloadTooLarge, $"a body may have {ApiLimits.BodyBytes / 1024} KiB");

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Count(await inner.ReadAsync(buffer, cancellationToken));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Count(int octets) => (read += octets) <= ApiLimits.BodyBytes ? octets : throw TooLarge();
}
