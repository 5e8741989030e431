namespace AkkaOverlay.Node.Doctor;

/// <param name="Bites">Something does not work, or will not at the next occasion; false for a note: it may, where more comes together.</param>
/// <param name="What">What was found.</param>
/// <param name="Why">What it does to the overlay.</param>
/// <param name="Mend">A command, or what to do.</param>
internal sealed record Finding(bool Bites, string What, string Why, string Mend)
{
    public static Finding Bite(string what, string why, string mend) => new(true, what, why, mend);

    public static Finding Note(string what, string why, string mend) => new(false, what, why, mend);
}
