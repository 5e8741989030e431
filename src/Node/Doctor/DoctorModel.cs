namespace AkkaOverlay.Node.Doctor;

/// <summary>What <c>doctor</c> prints with --json.</summary>
/// <param name="Bites">How many findings do.</param>
/// <param name="Unseen">What could not be looked at, and why.</param>
public sealed record DoctorModel(int Bites, IReadOnlyList<FindingModel> Findings, IReadOnlyList<CheckModel> Checks, IReadOnlyList<string> Unseen);

/// <param name="Bites">False for a note.</param>
public sealed record FindingModel(string Check, IReadOnlyList<int> Traps, bool Bites, string What, string Why, string Mend);

/// <param name="State">"ok", "note" or "bites".</param>
public sealed record CheckModel(string Name, IReadOnlyList<int> Traps, string LooksAt, string State);
