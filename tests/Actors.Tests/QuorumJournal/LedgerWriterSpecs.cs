using AkkaOverlay.Actors.QuorumJournal;

namespace AkkaOverlay.Actors.Tests.QuorumJournal;

/// <summary>A founded ledger and its one writer: what is appended, by whom, and how a seat gets what it lacks.</summary>
public sealed class LedgerWriterSpecs
{
    private readonly SeatRoom room = new("a", "b", "c");

    [Fact]
    public void A_majority_is_enough_and_a_minority_is_not()
    {
        var writer = room.Writer("a");
        room.Open(writer);
        room.Leave("c");
        Assert.True(room.Append(writer, "one"));
        room.Leave("b");
        Assert.False(room.Append(writer, "two"));
        Assert.Contains("no majority of the ledger's seats answers", Failure());
        Assert.Null(room.Open(room.Writer("a")));
        Assert.Contains("no majority of the ledger's seats: no answer from b, c", Failure());
    }

    [Fact]
    public void A_writer_that_another_one_followed_can_append_nothing_more()
    {
        var first = room.Writer("a");
        room.Open(first);
        room.Append(first, "one");
        var second = room.Writer("b");
        room.Open(second);
        Assert.False(room.Do(first, now => first.Append(7, [new LogEntry(2, SeatRoom.Text("stale"))], now), effect => effect is WriterEffect.Written));
        Assert.Contains("another writer has taken the ledger over", Failure());
        Assert.True(room.Append(second, "two"));
        Assert.Equal(["one", "two"], SeatRoom.Texts(room["c"].Log));
    }

    [Fact]
    public void A_writer_that_another_one_followed_is_not_confirmed()
    {
        var first = room.Writer("a");
        room.Open(first);
        Assert.True(room.Do(first, now => first.Confirm(1, now), effect => effect is WriterEffect.Confirmed));
        room.Open(room.Writer("b"));
        Assert.False(room.Do(first, now => first.Confirm(2, now), effect => effect is WriterEffect.Confirmed));
    }

    [Fact]
    public void A_seat_that_was_away_gets_what_it_lacks_and_no_more()
    {
        var writer = room.Writer("a");
        room.Open(writer);
        for (int i = 0; i < 50; i++)
            room.Append(writer, new string('x', 4000));
        room.Leave("c");
        room.Append(writer, "one");
        room.Return("c");
        room.Run(writer, TimeSpan.FromSeconds(2));
        Assert.Equal(51, room["c"].Log.LastSeq);

        room.Leave("c");
        room.Append(writer, "two");
        room.Return("c");
        room.Transferred.Clear();
        var second = room.Writer("b");
        room.Open(second);
        room.Run(second, TimeSpan.FromSeconds(2));
        Assert.Equal(52, room["c"].Log.LastSeq);
        Assert.Equal(second.Epoch, room["c"].Log.Epoch);
        Assert.Empty(room.Transferred);
    }

    [Fact]
    public void Entries_that_were_lost_are_sent_again_however_often_the_writer_is_asked()
    {
        var writer = room.Writer("a");
        room.Open(writer);
        room.Leave("c");
        room.Append(writer, "one");
        room.Return("c");
        for (int i = 0; i < 20; i++)
        {
            Assert.True(room.Do(writer, now => writer.Confirm(100 + i, now), effect => effect is WriterEffect.Confirmed));
            room.Run(writer, TimeSpan.FromMilliseconds(100));
        }
        Assert.Equal(1, room["c"].Log.LastSeq);
    }

    [Fact]
    public void A_long_log_travels_in_pieces()
    {
        var writer = room.Writer("a");
        room.Open(writer);
        room.Leave("c");
        for (int i = 0; i < 100; i++)
            room.Append(writer, new string('x', 10_000));
        room.Add("c");
        room.Return("c");
        Assert.True(room.Do(writer, _ => { }, effect => effect is WriterEffect.RosterChanged));
        Assert.Equal(100, room["c"].Log.LastSeq);
        Assert.True(room.Transferred["c"] > 1_000_000);
        room.Leave("a");
        Assert.Equal(100, room.Open(room.Writer("c"))!.LastSeq);
    }

    [Fact]
    public void A_snapshot_shortens_the_log_everywhere()
    {
        var writer = room.Writer("a");
        room.Open(writer);
        for (int i = 0; i < 10; i++)
            room.Append(writer, $"{i}");
        room.Leave("c");
        Assert.True(room.Do(writer, now => writer.Compact(8, SeatRoom.Text("0 to 7"), now), effect => effect is WriterEffect.Compacted));
        room.Append(writer, "10");
        room.Return("c");
        room.Run(writer, TimeSpan.FromSeconds(3));
        foreach (string name in new[] { "a", "b", "c" })
        {
            Assert.Equal(11, room[name].Log.LastSeq);
            Assert.Equal(["8", "9", "10"], SeatRoom.Texts(room[name].Log));
        }
        var again = room.Open(room.Writer("b"))!;
        Assert.Equal("0 to 7", again.Snapshot!.Bytes.ToStringUtf8());
        Assert.Equal(["8", "9", "10"], SeatRoom.Texts(again));
    }

    [Fact]
    public void A_seat_that_slept_through_a_snapshot_gets_it()
    {
        var writer = room.Writer("a");
        room.Open(writer);
        room.Append(writer, "0");
        room.Leave("c");
        for (int i = 1; i < 10; i++)
            room.Append(writer, $"{i}");
        Assert.True(room.Do(writer, now => writer.Compact(10, SeatRoom.Text("0 to 9"), now), effect => effect is WriterEffect.Compacted));
        room.Return("c");
        room.Append(writer, "10");
        room.Run(writer, TimeSpan.FromSeconds(3));
        Assert.Equal((10, 11), (room["c"].Log.BaseSeq, room["c"].Log.LastSeq));
    }

    private string Failure() => room.Said.OfType<WriterEffect.Failed>().Single().Reason;
}
