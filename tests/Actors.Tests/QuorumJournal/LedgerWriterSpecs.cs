using AkkaOverlay.Actors.QuorumJournal;

namespace AkkaOverlay.Actors.Tests.QuorumJournal;

public sealed class LedgerWriterSpecs
{
    private readonly SeatRoom room = new("a", "b", "c");

    [Fact]
    public void A_new_ledger_is_founded_by_all_seats_and_opened_again_by_any()
    {
        var first = room.Writer("a");
        Assert.Empty(room.Open(first)!.Entries);
        Assert.True(room.Append(first, "one"));
        Assert.True(room.Append(first, "two", "three"));
        Assert.Equal(["one", "two", "three"], SeatRoom.Texts(room.Open(room.Writer("b"))!));
        Assert.All(new[] { "a", "b", "c" }, name => Assert.Equal(3, room[name].Log.LastSeq));
    }

    [Fact]
    public void A_new_ledger_waits_for_the_last_seat_unless_the_operator_says_otherwise()
    {
        room.Leave("c");
        Assert.Null(room.Open(room.Writer("a")));
        Assert.Contains("a new ledger needs every seat once: no answer from c", Failure());
        var writer = room.Writer("a", bootstrap: true);
        Assert.NotNull(room.Open(writer));
        Assert.True(room.Append(writer, "one"));

        // The one that was missing is enrolled when it comes.
        room.Return("c");
        Assert.True(room.Do(writer, _ => { }, effect => effect is WriterEffect.RosterChanged));
        Assert.True(writer.Roster!.Counts("c", room["c"].Store));
        room.Leave("b");
        Assert.True(room.Append(writer, "two"));
    }

    [Fact]
    public void Seed_lists_that_differ_found_nothing()
    {
        room.Add("c");
        var other = new LedgerWriter(new WriterSettings("a", ["a", "b", "d"], false), Guid.NewGuid);
        Assert.Null(room.Open(other));
        Assert.Contains("the seed lists differ: ", Failure());
        Assert.All(new[] { "a", "b", "c" }, name => Assert.True(room[name].Log.IsBlank));
    }

    [Fact]
    public void A_ledger_of_which_every_copy_is_lost_is_not_founded_anew_but_on_an_operators_word()
    {
        var first = room.Writer("a");
        room.Open(first);
        room.Append(first, "one");
        foreach (string name in new[] { "a", "b", "c" })
            room.Add(name, lost: $"damaged, kept as /state/{name}");
        foreach (bool bootstrap in new[] { false, true })
        {
            var writer = room.Writer("b", bootstrap);
            Assert.Null(room.Open(writer));
            Assert.Contains("a majority of its copies is lost: a (damaged, kept as /state/a), b (damaged, kept as /state/b), c (damaged, kept as /state/c)", Failure());
            Assert.Contains("'akka-overlay cluster seats recover'", Failure());
        }
        var recovered = room.Writer("b");
        recovered.MayRecover = true;
        Assert.Empty(room.Open(recovered)!.Entries);
        Assert.False(recovered.MayRecover);
        Assert.True(room.Append(recovered, "two"));
        // The word was for once.
        Assert.NotNull(room.Open(room.Writer("c")));
    }

    [Fact]
    public void One_copy_that_was_lost_keeps_a_bootstrap_from_founding_without_those_that_are_away()
    {
        room.Add("b", lost: "its file is gone");
        room.Leave("c");
        Assert.Null(room.Open(room.Writer("a", bootstrap: true)));
        Assert.Contains("a majority of its copies is lost: a (new), b (its file is gone); no answer from c", Failure());
    }

    /// <summary>It is being read from the disk; the other two are blank.</summary>
    [Fact]
    public void A_bootstrap_does_not_found_before_this_hosts_own_copy_is_known()
    {
        var first = room.Writer("a");
        room.Open(first);
        room.Append(first, "one");
        room.Add("b");
        room.Add("c");
        room.Leave("a");
        Assert.Null(room.Open(room.Writer("a", bootstrap: true)));
        room.Return("a");
        Assert.Null(room.Open(room.Writer("a", bootstrap: true)));
        Assert.Contains("a majority of its copies is lost: b (new), c (new); every seat answers", Failure());
        Assert.True(room["b"].Log.IsBlank);
    }

    [Fact]
    public void The_one_copy_that_is_left_goes_on_when_an_operator_gives_the_others_up()
    {
        var first = room.Writer("a");
        room.Open(first);
        room.Append(first, "one");
        room.Add("b", lost: "its file is gone");
        room.Add("c");
        room.Leave("c");
        Assert.Null(room.Open(room.Writer("b")));
        var recovered = room.Writer("b");
        recovered.MayRecover = true;
        Assert.Equal(["one"], SeatRoom.Texts(room.Open(recovered)!));
        Assert.True(recovered.Roster!.Counts("b", room["b"].Store));

        // The one that was away is enrolled as usual, and everything goes its usual way.
        room.Return("c");
        room.Run(recovered, TimeSpan.FromSeconds(8));
        Assert.True(recovered.Roster!.Counts("c", room["c"].Store));
        room.Leave("a");
        Assert.Equal(["one"], SeatRoom.Texts(room.Open(room.Writer("c"))!));
    }

    [Fact]
    public void An_operators_word_does_nothing_where_a_majority_has_the_ledger()
    {
        var first = room.Writer("a");
        room.Open(first);
        room.Append(first, "one");
        room.Leave("a");
        room.Append(first, "not acknowledged");
        room.Return("a");
        room.Add("c", lost: "its file is gone");
        var writer = room.Writer("b");
        writer.MayRecover = true;
        var ledger = first.Roster!.Ledger;
        Assert.NotNull(room.Open(writer));
        Assert.Equal(ledger, writer.Roster!.Ledger);
        Assert.False(writer.MayRecover);
    }

    [Fact]
    public void A_ledger_that_one_seat_brings_along_is_the_one_that_is_founded()
    {
        room.Replace("b", new SeatEvent.Brought(Brought("one", "two")));
        var writer = room.Writer("a");
        var log = room.Open(writer)!;
        Assert.Equal(5, log.BaseSeq);
        Assert.Equal("0 to 4", log.Snapshot!.Bytes.ToStringUtf8());
        Assert.Equal(["one", "two"], SeatRoom.Texts(log));
        Assert.All(new[] { "a", "b", "c" }, name => Assert.True(writer.Roster!.Counts(name, room[name].Store)));
        Assert.True(room.Do(writer, now => writer.Append(1, [new LogEntry(8, SeatRoom.Text("three"))], now), effect => effect is WriterEffect.Written));
        room.Run(writer, TimeSpan.FromSeconds(2));
        Assert.Equal(8, room["b"].Log.LastSeq);
    }

    [Fact]
    public void Of_two_ledgers_that_are_brought_along_none_is_founded_and_both_are_named()
    {
        room.Replace("b", new SeatEvent.Brought(Brought("one")));
        room.Replace("c", new SeatEvent.Brought(Brought("two", "three")));
        Assert.Null(room.Open(room.Writer("a")));
        Assert.Contains("b (6 entries) and c (7 entries) each bring the ledger of a core of one", Failure());
        Assert.All(new[] { "a", "b", "c" }, name => Assert.True(room[name].Log.IsBlank));
    }

    [Fact]
    public void A_founder_that_falls_leaves_the_brought_ledger_to_the_next_one()
    {
        var brought = Brought("one");
        room.Replace("b", new SeatEvent.Brought(brought));
        // It had installed it on one other seat, and not where it came from.
        var roster = new Roster(Guid.NewGuid(), [.. new[] { "a", "b", "c" }.Select(name => new SeatHolder(name, room[name].Store))]);
        room.Replace("c", new SeatEvent.Installed(brought with { Epoch = new Epoch(1, Guid.NewGuid()), Roster = roster }));
        room.Leave("a");
        var writer = room.Writer("c");
        Assert.Equal(["one"], SeatRoom.Texts(room.Open(writer)!));
        Assert.Equal(writer.Epoch, room["b"].Log.Epoch);
    }

    /// <summary>The others were bootstrapped without it.</summary>
    [Fact]
    public void A_ledger_that_is_brought_along_too_late_is_neither_counted_nor_overwritten_and_it_is_said()
    {
        room.Leave("c");
        var writer = room.Writer("a", bootstrap: true);
        Assert.NotNull(room.Open(writer));
        room.Replace("c", new SeatEvent.Brought(Brought("one")));
        room.Return("c");
        Assert.True(room.Do(writer, _ => { }, effect => effect is WriterEffect.Noted { What: var what } && what.Contains("c has brought", StringComparison.Ordinal)));
        room.Run(writer, TimeSpan.FromSeconds(8));
        Assert.True(room["c"].Log is { IsBlank: true, LastSeq: 6 });
        Assert.False(writer.Roster!.Counts("c", room["c"].Store));
    }

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

    [Fact]
    public void A_seat_without_its_disk_does_not_count_until_it_is_enrolled()
    {
        var writer = room.Writer("a");
        room.Open(writer);
        room.Leave("c");
        room.Append(writer, "one");
        // Only a and b have the entry; b loses it.
        room.Add("b");
        room.Leave("a");
        room.Return("c");
        Assert.Null(room.Open(room.Writer("b")));
        room.Return("a");
        var second = room.Writer("b");
        Assert.Equal(["one"], SeatRoom.Texts(room.Open(second)!));
        room.Run(second, TimeSpan.FromSeconds(2));
        Assert.True(second.Roster!.Counts("b", room["b"].Store));
        room.Leave("a");
        Assert.Equal(["one"], SeatRoom.Texts(room.Open(room.Writer("c"))!));
    }

    [Fact]
    public void A_seat_that_slept_while_others_were_enrolled_does_not_bring_their_lost_disks_back_into_office()
    {
        var five = new SeatRoom("a", "b", "c", "d", "e");
        var writer = five.Writer("c");
        five.Open(writer);
        five.Append(writer, "one");
        five.Leave("c");
        foreach (string name in new[] { "a", "b", "d" })
        {
            // Its disk is lost, and it is enrolled with another one.
            five.Add(name);
            writer = five.Writer("e");
            five.Open(writer);
            five.Run(writer, TimeSpan.FromSeconds(7));
            Assert.True(writer.Roster!.Counts(name, five[name].Store));
        }
        five.Return("c");
        Assert.Equal(["one"], SeatRoom.Texts(five.Open(five.Writer("c"))!));
    }

    [Fact]
    public void Pieces_of_two_transfers_are_not_put_together()
    {
        var roster = new Roster(Guid.NewGuid(), [new SeatHolder("a", Guid.NewGuid())]);
        var epoch = new Epoch(1, Guid.NewGuid());
        var log = LedgerLog.Blank with { Epoch = epoch, Roster = roster, Former = roster, Entries = [new LogEntry(1, SeatRoom.Text(new string('x', 200)))] };
        var before = LogImage.Write(log);
        var after = LogImage.Write(log with { Former = null });
        int size = before.Length / 2 + 1;
        var seat = new Seat().Apply(new SeatEvent.Opened(Guid.NewGuid()));
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        var decision = Send(first, before, 0);
        Assert.IsType<SeatProtocol.PieceTaken>(decision.Reply(seat));
        decision = Send(second, after, 1);
        Assert.IsType<SeatProtocol.PieceTaken>(decision.Reply(seat));
        decision = Send(second, after, 0);
        Assert.Null(Assert.IsType<SeatEvent.Installed>(decision.Happened).Log.Former);

        Seat.Decision Send(Guid transfer, Google.Protobuf.ByteString image, int index)
        {
            var decision = seat.Decide(new SeatProtocol.Piece(epoch, transfer, null, index, Pieces.CountOf(image, size), Pieces.Cut(image, index, size)));
            seat = decision.After;
            return decision;
        }
    }

    [Fact]
    public void One_seat_takes_the_place_of_another()
    {
        var writer = room.Writer("a");
        room.Open(writer);
        room.Append(writer, "one");
        room.Leave("c");
        room.Add("d");
        Assert.True(room.Do(writer, now => writer.ChangeSeats(["a", "b", "d"], now), effect => effect is WriterEffect.RosterChanged));
        room.Leave("b");
        Assert.True(room.Append(writer, "two"));

        // Whoever still has the former list hears of the new one.
        room.Return("b");
        room.Leave("a");
        Assert.Equal(["one", "two"], SeatRoom.Texts(room.Open(room.Writer("b"))!));
        // And the former one alone decides nothing.
        room.Leave("b");
        room.Leave("d");
        room.Return("c");
        Assert.Null(room.Open(room.Writer("c")));
    }

    [Fact]
    public void Three_seats_grow_to_five_and_shrink_again()
    {
        var writer = room.Writer("a");
        room.Open(writer);
        room.Append(writer, "one");
        room.Add("d");
        room.Add("e");
        Assert.True(room.Do(writer, now => writer.ChangeSeats(["a", "b", "c", "d", "e"], now), effect => effect is WriterEffect.RosterChanged));
        room.Leave("a");
        room.Leave("b");
        Assert.True(room.Append(writer, "two"));
        room.Leave("c");
        Assert.False(room.Append(writer, "three"));
        room.Return("a");
        room.Return("b");
        room.Return("c");
        var second = room.Writer("b");
        room.Open(second);
        Assert.True(room.Do(second, now => second.ChangeSeats(["a", "b", "c"], now), effect => effect is WriterEffect.RosterChanged));
        room.Leave("c");
        Assert.True(room.Append(second, "four"));
    }

    [Theory]
    [InlineData("a", "x", "y")]
    [InlineData("x", "y", "z")]
    public void Too_many_seats_at_once_are_refused_and_change_nothing(params string[] seats)
    {
        var writer = room.Writer("a");
        room.Open(writer);
        foreach (string seat in seats.Where(seat => seat != "a"))
            room.Add(seat);
        Assert.True(room.Do(writer, now => writer.ChangeSeats(seats.ToEquatableArray(), now), effect => effect is WriterEffect.ChangeRefused));
        Assert.Equal(["a", "b", "c"], writer.Roster!.Seats);
        Assert.True(room.Append(writer, "one"));
    }

    [Theory]
    [InlineData("a seat is named twice", "a", "b", "b")]
    [InlineData("no seats are named")]
    public void A_list_that_gives_one_seat_two_votes_is_refused(string reason, params string[] seats)
    {
        var writer = room.Writer("a");
        room.Open(writer);
        Assert.True(room.Do(writer, now => writer.ChangeSeats(seats.ToEquatableArray(), now), effect => effect == new WriterEffect.ChangeRefused(reason)));
        Assert.Equal(["a", "b", "c"], writer.Roster!.Seats);
        Assert.True(room.Append(writer, "one"));
    }

    [Fact]
    public void A_copy_of_another_ledger_is_neither_counted_nor_overwritten()
    {
        var other = new SeatRoom("a", "b", "c");
        var theirs = other.Writer("a");
        other.Open(theirs);
        var log = room.Open(room.Writer("a"))!;
        var foreign = log with { Epoch = new Epoch(99, Guid.NewGuid()), Roster = log.Roster! with { Ledger = Guid.NewGuid() } };
        room.Add("c");
        room.Replace("c", new SeatEvent.Installed(foreign));
        var writer = room.Writer("b");
        Assert.NotNull(room.Open(writer));
        room.Run(writer, TimeSpan.FromSeconds(3));
        Assert.Equal(foreign.Roster.Ledger, room["c"].Log.Roster!.Ledger);
        Assert.False(writer.Roster!.Counts("c", room["c"].Store));
    }

    private static LedgerLog Brought(params string[] texts) =>
        (LedgerLog.Blank with { BaseSeq = 5, Snapshot = SeatRoom.Text("0 to 4") }).Add(texts.Select((text, i) => new LogEntry(6 + i, SeatRoom.Text(text))));

    private string Failure() => room.Said.OfType<WriterEffect.Failed>().Single().Reason;
}
