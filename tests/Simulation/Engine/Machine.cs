namespace AkkaOverlay.Simulation.Engine;

/// <summary>
/// Something with a process that crashes, pauses and starts again. What a process had planned dies with it; what a paused one missed comes all at once.
/// </summary>
internal abstract class Machine(Timeline timeline, string name, LocalClock clock)
{
    private List<Action> backlog = [];
    private TimeSpan slept;
    private TimeSpan pausedAt;
    private int disturbed;

    public string Name { get; } = name;

    public LocalClock Clock { get; } = clock;

    public bool Up { get; private set; }

    public bool Paused { get; private set; }

    /// <summary>It is down and never starts again.</summary>
    public bool Gone { get; private set; }

    /// <summary>The world's time without its pauses, in which it can have heard somebody; and how often something came in between.</summary>
    public Waking Waking => new((Paused ? pausedAt : timeline.Now) - slept, disturbed);

    /// <summary>Counts the processes that this machine had.</summary>
    public int Life { get; private set; }

    public TimeSpan LocalNow => Clock.At(timeline.Now);

    /// <summary>By this machine's clock, in this process.</summary>
    public void After(TimeSpan delay, Action act)
    {
        int life = Life;
        timeline.In(Clock.ToWorld(delay), () => Run(life, act));
    }

    /// <summary>A message arrives.</summary>
    public void Deliver(Action act) => Run(Life, act);

    public void Start()
    {
        if (Up || Gone || !HasPower)
            return;
        Up = true;
        OnStart();
    }

    public void Crash()
    {
        if (!Up)
            return;
        EndPause();
        Up = false;
        Life++;
        backlog.Clear();
        OnCrash();
    }

    public void Pause()
    {
        if (!Up || Paused)
            return;
        Paused = true;
        pausedAt = timeline.Now;
        disturbed++;
    }

    public void JumpClock(TimeSpan ahead)
    {
        Clock.Jump(ahead);
        disturbed++;
    }

    public void Resume()
    {
        EndPause();
        var missed = backlog;
        backlog = [];
        int life = Life;
        foreach (var act in missed)
            Run(life, act);
    }

    public override string ToString() => Name;

    protected virtual bool HasPower => true;

    /// <summary>Down for good.</summary>
    protected void GoAway()
    {
        Crash();
        Gone = true;
    }

    private void EndPause()
    {
        if (!Paused)
            return;
        Paused = false;
        slept += timeline.Now - pausedAt;
    }

    protected abstract void OnStart();

    protected abstract void OnCrash();

    private void Run(int life, Action act)
    {
        if (!Up || life != Life)
            return;
        if (Paused)
            backlog.Add(act);
        else
            act();
    }
}
