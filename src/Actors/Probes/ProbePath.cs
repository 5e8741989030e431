using System.Collections.Immutable;
using System.Numerics;

namespace AkkaOverlay.Actors.Probes;

public enum ProbeSize
{
    Small,
    Full,
}

/// <summary>What a path's own questions say of it.</summary>
public enum PathState
{
    /// <summary>Nothing yet.</summary>
    Waiting,

    Ok,

    /// <summary>Packets are lost now and then.</summary>
    Loss,

    /// <summary>Small packets arrive, those of the full size do not.</summary>
    FullSizeLost,

    /// <summary>Nothing arrives.</summary>
    Dead,
}

/// <summary>
/// What is known of the way to one peer and back. Pure: time comes in with each input, from any beginning.
/// <code>
///            4 lost in a row, 2 of them small or more          3 answered in a row
///  Ok, Loss ─────────────────────────────────────────▶ Dead ───────────────────────▶ what the rest says
///            4 full-size ones lost in a row            2 full-size ones answered in a row
///  Ok, Loss ─────────────────────────▶ FullSizeLost ──────────────────────────────▶ Ok
///            3 lost of the last 16     1 or none of the last 16
///        Ok ───────────────────▶ Loss ──────────────────────────▶ Ok
/// </code>
/// A question that is not answered at once is followed by others, of the size that tells most.
/// </summary>
public sealed record ProbePath
{
    private const int LostForDead = 4, SmallLostForDead = 2, AnsweredForAlive = 3, FullLost = 4, FullAnswered = 2;
    private const int Window = 16, LostForLoss = 3, LostForOk = 1;

    /// <summary>For so many questions a path that has lost one is watched.</summary>
    private const int Watched = 6;

    /// <summary>Round trips kept for the median.</summary>
    private const int RoundTripsKept = 16;

    private ProbePath(TimeSpan began)
    {
        Began = began;
        Since = began;
        TroubleSince = began;
        Due = began;
    }

    public TimeSpan Began { get; }

    public PathState State { get; private init; }

    /// <summary>When <see cref="State"/> became so; of a failing one, when the first question was sent that was lost.</summary>
    public TimeSpan Since { get; private init; }

    /// <summary>When the first question was sent of those that are lost now; without meaning on a path without trouble.</summary>
    public TimeSpan TroubleSince { get; private init; }

    /// <summary>When the next question is to be asked.</summary>
    public TimeSpan Due { get; private init; }

    public ProbeCounts Small { get; private init; }

    public ProbeCounts Full { get; private init; }

    /// <summary>When the answer came that came last.</summary>
    public TimeSpan? LastAnswer { get; private init; }

    /// <summary>Smoothed as TCP does (RFC 6298, section 2).</summary>
    public TimeSpan? RoundTrip { get; private init; }

    public ImmutableArray<TimeSpan> RoundTrips { get; private init; } = [];

    /// <summary>Why this host's kernel did not send the last question; null where it did.</summary>
    public string? Problem { get; private init; }

    /// <summary>Asked and not judged yet, the oldest first.</summary>
    public ImmutableArray<Question> Open { get; private init; } = [];

    /// <summary>Something was lost lately, and it is not clear that it was chance.</summary>
    public bool InTrouble => Every.Lost > 0 || FullRun.Lost > 0 || IsDead || FullFails;

    public bool Fails => State is PathState.Loss or PathState.FullSizeLost or PathState.Dead;

    /// <summary>Of the last questions, 64 at most, since the path last healed: 0 to 1; null before the first.</summary>
    public double? LossRatio => JudgedCount == 0 ? null : (double)BitOperations.PopCount(History) / JudgedCount;

    private Run Every { get; init; }

    private Run FullRun { get; init; }

    /// <summary>Lost small questions against answered ones of any size: a full-size one that is lost says nothing here.</summary>
    private Run Alive { get; init; }

    private bool IsDead { get; init; }

    private bool FullFails { get; init; }

    private bool IsLossy { get; init; }

    private bool EverAnswered { get; init; }

    /// <summary>A bit for each judged question, the last one lowest: 1 is lost.</summary>
    private ulong History { get; init; }

    private int JudgedCount { get; init; }

    private int Turn { get; init; }

    private int SmallInRow { get; init; }

    private TimeSpan? SmallAnswered { get; init; }

    /// <param name="SentAt">When it was asked.</param>
    public readonly record struct Question(ulong Nonce, ProbeSize Size, TimeSpan SentAt);

    public static ProbePath Begin(TimeSpan now) => new(now);

    /// <summary>The size of the next question.</summary>
    public ProbeSize NextSize(TimeSpan now)
    {
        if (!InDoubt)
            return Turn % (ProbeTimes.FullPerSmall + 1) == ProbeTimes.FullPerSmall ? ProbeSize.Small : ProbeSize.Full;
        var since = InTrouble ? TroubleSince : Open is [var oldest, ..] ? oldest.SentAt : TimeSpan.MinValue;
        bool smallIsFine = SmallAnswered is { } at && at >= since && now - at < ProbeTimes.SmallIsFine;
        return smallIsFine || SmallInRow >= 2 ? ProbeSize.Full : ProbeSize.Small;
    }

    /// <param name="nonce">Random: also what spreads the questions in time.</param>
    public ProbePath Asked(ulong nonce, TimeSpan now)
    {
        var size = NextSize(now);
        var next = this with
        {
            Open = Open.Add(new Question(nonce, size, now)),
            Turn = InDoubt ? Turn : Turn + 1,
            SmallInRow = size == ProbeSize.Small ? SmallInRow + 1 : 0,
            Small = size == ProbeSize.Small ? Small with { Asked = Small.Asked + 1 } : Small,
            Full = size == ProbeSize.Full ? Full with { Asked = Full.Asked + 1 } : Full,
            Problem = null,
        };
        return next.DueAfter(now, size, nonce);
    }

    public ProbePath Answered(ulong nonce, TimeSpan at)
    {
        int index = IndexOf(nonce);
        if (index < 0)
            return this;
        var question = Open[index];
        var took = at > question.SentAt ? at - question.SentAt : TimeSpan.Zero;
        if (took > ProbeTimes.Patience)
            return this;
        bool isSmall = question.Size == ProbeSize.Small;
        var next = this with
        {
            Open = Open.RemoveAt(index),
            LastAnswer = at,
            RoundTrip = RoundTrip is { } smoothed ? smoothed + ((took - smoothed) / 8) : took,
            RoundTrips = [.. RoundTrips.Skip(RoundTrips.Length < RoundTripsKept ? 0 : 1), took],
            Small = isSmall ? Small.With(question.SentAt) : Small,
            Full = isSmall ? Full : Full.With(question.SentAt),
            SmallAnswered = isSmall ? at : SmallAnswered,
            EverAnswered = true,
            // What was lost before the first answer was lost to a beginning.
            Every = EverAnswered ? Every : default,
            FullRun = EverAnswered ? FullRun : default,
            Alive = EverAnswered ? Alive : default,
        };
        return next.Judged(question, answered: true, at).DueAfter(question.SentAt, question.Size, nonce);
    }

    /// <summary>The kernel did not send it: as good as lost.</summary>
    public ProbePath Refused(ulong nonce, string problem, TimeSpan now) => IndexOf(nonce) is var index and >= 0
        ? (this with { Open = Open.RemoveAt(index), Problem = problem }).Judged(Open[index], answered: false, now).DueAfter(now, Open[index].Size, nonce)
        : this;

    /// <summary>It was not sent, or this host stood still since: says nothing of the way.</summary>
    public ProbePath Forgotten() => this with { Open = [] };

    /// <summary>Gives up what was asked longer ago than <see cref="ProbeTimes.Patience"/>.</summary>
    public ProbePath Judged(TimeSpan now)
    {
        var next = this;
        while (next.Open is [var oldest, ..] && now - oldest.SentAt >= ProbeTimes.Patience)
            next = (next with { Open = next.Open.RemoveAt(0) }).Judged(oldest, answered: false, now);
        return next;
    }

    /// <summary>When <see cref="Judged(TimeSpan)"/> has something to do.</summary>
    public TimeSpan? NextJudgement => Open is [var oldest, ..] ? oldest.SentAt + ProbeTimes.Patience : null;

    /// <summary>It is known to fail: its next question is not urgent.</summary>
    public bool FailsForSure => IsDead || FullFails;

    private bool InDoubt => !Open.IsEmpty || InTrouble || IsLossy || LostOfLast(Watched) > 0;

    private ProbePath DueAfter(TimeSpan asked, ProbeSize size, ulong nonce)
    {
        // Where none of those under way is answered, enough is known: no need for more.
        bool enough = Every.Lost + Open.Length >= LostForDead;
        var gap = enough || (FailsForSure && Every.Lost > 0) ? ProbeTimes.Failing
            : InDoubt ? ProbeTimes.Doubt
            : size == ProbeSize.Small || NextSize(asked) == ProbeSize.Small ? Jittered(ProbeTimes.Halfway, nonce)
            : Jittered(ProbeTimes.Calm, nonce);
        return this with { Due = asked + gap };
    }

    private static TimeSpan Jittered(TimeSpan gap, ulong nonce) => gap * (0.9 + (0.2 * (nonce >> 32) / uint.MaxValue));

    private ProbePath Judged(Question question, bool answered, TimeSpan now)
    {
        bool isSmall = question.Size == ProbeSize.Small;
        var next = this with
        {
            TroubleSince = !answered && !InTrouble ? question.SentAt : TroubleSince,
            Every = Every.With(answered),
            FullRun = isSmall ? FullRun : FullRun.With(answered),
            Alive = answered || isSmall ? Alive.With(answered) : Alive,
            History = EverAnswered ? (History << 1) | (answered ? 0UL : 1UL) : 0,
            JudgedCount = EverAnswered ? Math.Min(JudgedCount + 1, 64) : 0,
        };
        return next.Concluded(now);
    }

    private ProbePath Concluded(TimeSpan now)
    {
        bool mayFail = EverAnswered || now - Began >= ProbeTimes.Grace;
        bool isDead = IsDead ? Alive.Answered < AnsweredForAlive : mayFail && Every.Lost >= LostForDead && Alive.Lost >= SmallLostForDead;
        bool fullIsLost = FullFails ? FullRun.Answered < FullAnswered : mayFail && FullRun.Lost >= FullLost;
        bool healed = (IsDead && !isDead) || (FullFails && !fullIsLost);
        int lost = healed ? 0 : LostOfLast(Window);
        var next = this with
        {
            IsDead = isDead,
            FullFails = fullIsLost,
            // Not in the middle of a row of losses, which is something else.
            IsLossy = IsLossy ? lost > LostForOk : lost >= LostForLoss && Every.Lost == 0,
            History = healed ? 0 : History,
            JudgedCount = healed ? 0 : JudgedCount,
        };
        var state = isDead ? PathState.Dead
            : fullIsLost && next.EverAnswered ? PathState.FullSizeLost
            : next.IsLossy ? PathState.Loss
            : next.EverAnswered ? PathState.Ok
            : PathState.Waiting;
        return state == State ? next : next with { State = state, Since = state is PathState.Dead or PathState.FullSizeLost or PathState.Loss ? TroubleSince : now };
    }

    private int LostOfLast(int questions) => BitOperations.PopCount(History & ((1UL << questions) - 1));

    private int IndexOf(ulong nonce)
    {
        for (int i = 0; i < Open.Length; i++)
        {
            if (Open[i].Nonce == nonce)
                return i;
        }
        return -1;
    }

    private readonly record struct Run(int Lost, int Answered)
    {
        public Run With(bool answered) => answered ? new Run(0, Answered + 1) : new Run(Lost + 1, 0);
    }
}

/// <summary>Questions of one size.</summary>
/// <param name="LastAnsweredSent">When the last question was sent that was answered; null before there is one.</param>
public readonly record struct ProbeCounts(long Asked, long AnsweredCount, TimeSpan? LastAnsweredSent)
{
    public ProbeCounts With(TimeSpan sent) => new(Asked, AnsweredCount + 1, LastAnsweredSent is { } last && last > sent ? last : sent);
}
