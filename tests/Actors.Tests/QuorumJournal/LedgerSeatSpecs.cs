using AkkaOverlay.Actors.QuorumJournal;

namespace AkkaOverlay.Actors.Tests.QuorumJournal;

/// <summary>Which seats count: lost disks that are enrolled again, and other lists of seats.</summary>
public sealed class LedgerSeatSpecs
{
    private readonly SeatRoom room = new("a", "b", "c");

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
}
