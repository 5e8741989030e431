using System.Runtime.CompilerServices;
using AkkaOverlay.Actors.Wire;
using Google.Protobuf;
using Q = AkkaOverlay.Actors.Wire.Proto.Quorum;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>A whole log, or a snapshot, as the octets that travel in pieces.</summary>
internal static class LogImage
{
    /// <summary>A log is asked for piece by piece: it is written once.</summary>
    private static readonly ConditionalWeakTable<LedgerLog, ByteString> Written = [];

    public static ByteString Write(LedgerLog log) => Written.GetValue(log, static log => log.ToProto().ToByteString());

    /// <exception cref="FormatException">Not a log.</exception>
    public static LedgerLog Read(ByteString image) => Parse(Q.Log.Parser, image).ToDomain();

    public static ByteString WriteSnapshot(Payload snapshot) => snapshot.ToProto().ToByteString();

    /// <exception cref="FormatException">Not a snapshot.</exception>
    public static Payload ReadSnapshot(ByteString image) => Parse(Q.Payload.Parser, image).ToDomain();

    private static T Parse<T>(MessageParser<T> parser, ByteString image) where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(image);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new FormatException($"The pieces of a log do not fit together: {e.Message}", e);
        }
    }
}
