using Google.Protobuf;

namespace AkkaOverlay.Actors.Wire;

/// <summary>How one type of message is written: under which manifest, and by which protobuf message.</summary>
internal sealed record MessageFormat(string Manifest, Type Type, Func<object, IMessage> Write, Func<byte[], object> Read)
{
    public static MessageFormat Of<TMessage, TProto>(string manifest, MessageParser<TProto> parser, Func<TMessage, TProto> write, Func<TProto, TMessage> read)
        where TMessage : IOverlayMessage
        where TProto : IMessage<TProto> =>
        new(manifest, typeof(TMessage), message => write((TMessage)message), bytes => read(parser.ParseFrom(bytes))!);
}
