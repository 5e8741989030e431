using AkkaOverlay.Actors.QuorumJournal;

namespace AkkaOverlay.Actors.Tests.QuorumJournal;

/// <summary>How a ledger begins: founded by all seats, brought along by one, or begun anew where its copies are lost.</summary>
public sealed class LedgerFoundingSpecs
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

    private static LedgerLog Brought(params string[] texts) =>
        (LedgerLog.Blank with { BaseSeq = 5, Snapshot = SeatRoom.Text("0 to 4") }).Add(texts.Select((text, i) => new LogEntry(6 + i, SeatRoom.Text(text))));

    private string Failure() => room.Said.OfType<WriterEffect.Failed>().Single().Reason;
}
