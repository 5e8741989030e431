using System.Diagnostics.CodeAnalysis;

namespace AkkaOverlay.Actors.SubnetAllocator;

/// <summary>Keys in the order in which they were last touched, each with the moment. Every operation takes the same time however many there are.</summary>
/// <remarks>Moments must not go backwards.</remarks>
internal sealed class Recency<TKey> where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TimeSpan At)>> places = [];
    private readonly LinkedList<(TKey Key, TimeSpan At)> order = [];

    public int Count => places.Count;

    /// <summary>The longest untouched first.</summary>
    public IEnumerable<(TKey Key, TimeSpan At)> OldestFirst => order;

    public void Touch(TKey key, TimeSpan now)
    {
        Forget(key);
        places[key] = order.AddLast((key, now));
    }

    public bool Forget(TKey key)
    {
        if (!places.Remove(key, out var place))
            return false;
        order.Remove(place);
        return true;
    }

    /// <summary>Forgets everything that was last touched before that moment.</summary>
    public void ForgetBefore(TimeSpan moment)
    {
        while (order.First is { } first && first.Value.At < moment)
            Forget(first.Value.Key);
    }

    public bool TryGet(TKey key, [NotNullWhen(true)] out TimeSpan? at)
    {
        at = places.TryGetValue(key, out var place) ? place.Value.At : null;
        return at is not null;
    }

    public void Clear()
    {
        places.Clear();
        order.Clear();
    }
}
