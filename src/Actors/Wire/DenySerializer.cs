using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace AkkaOverlay.Actors.Wire;

/// <summary>
/// Stands in the place of Akka's default JSON serializer, under its name and its identifier 1. That one creates any .NET type that a sender names;
/// the sender also chooses the identifier, so the place must be taken, not only left unused.
/// </summary>
public sealed class DenySerializer : Serializer
{
    public const int JsonIdentifier = 1;

    public DenySerializer(ExtendedActorSystem system, Config config) : base(system)
    {
        _ = config;
    }

    public override int Identifier => JsonIdentifier;

    public override bool IncludeManifest => true;

    public override byte[] ToBinary(object obj) =>
        throw new SerializationException($"{obj.GetType()} is not an overlay message: it has no place on the wire or in the journal.");

    public override object FromBinary(byte[] bytes, Type type) =>
        throw new SerializationException("Refused a message in the default JSON format: nobody in this cluster writes it.");
}
