using System.CommandLine;
using System.Globalization;
using AkkaOverlay.Node.Api;
using Microsoft.Win32.SafeHandles;

namespace AkkaOverlay.Node.Cli;

/// <summary><c>--watch [SECONDS]</c>: shows an answer again and again until Ctrl-C, in a terminal always in the same place.</summary>
internal static class Watching
{
    private const double Usual = 2;

    private const double Shortest = 0.1;

    private const double Longest = 3600;

    public static Option<string?> Option()
    {
        var option = new Option<string?>("--watch")
        {
            Description = $"Show it again every so many seconds, until Ctrl-C. [default: {Usual}]",
            HelpName = "SECONDS",
            Arity = ArgumentArity.ZeroOrOne,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && PauseOf(result.Tokens[0].Value) is null)
                result.AddError($"--watch '{result.Tokens[0].Value}': must be seconds, from {Shortest.ToString(CultureInfo.InvariantCulture)} to {Longest}");
        });
        return option;
    }

    /// <param name="once">Asks, calls what it is given when it has an answer to show, and returns the exit code that this makes.</param>
    /// <returns>The exit code of the last time.</returns>
    public static async Task<int> Run(ParseResult parsed, Option<string?> option, Func<Action, CancellationToken, Task<int>> once, CancellationToken cancel)
    {
        if (parsed.GetResult(option) is not { } given)
            return await once(() => { }, cancel);
        var pause = given.Tokens.Count == 0 ? TimeSpan.FromSeconds(Usual) : PauseOf(given.Tokens[0].Value)!.Value;
        using var interrupt = new Interrupt(cancel);
        HearOfClosedPipes();
        int code = 0;
        try
        {
            for (bool first = true; ; first = false)
            {
                code = await Show(once, first, interrupt.Token);
                await Task.Delay(pause, interrupt.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return code;
        }
    }

    /// <summary>The console's own writer goes on without a word when its reader has gone; a command that never ends by itself must not.</summary>
    public static void HearOfClosedPipes()
    {
        if (Console.IsOutputRedirected)
            Console.SetOut(new StreamWriter(new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0)) { AutoFlush = true });
    }

    private static async Task<int> Show(Func<Action, CancellationToken, Task<int>> once, bool first, CancellationToken cancel)
    {
        try
        {
            return await once(() => Clear(first), cancel);
        }
        catch (ApiException e)
        {
            // A node that is away may come back.
            Clear(first);
            Console.WriteLine(e.Message);
            return 1;
        }
    }

    private static void Clear(bool first)
    {
        // ECMA-48: erase the display, cursor to the first place.
        if (!Console.IsOutputRedirected)
            Console.Write("\u001b[2J\u001b[H");
        else if (!first)
            Console.WriteLine();
    }

    private static TimeSpan? PauseOf(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds is >= Shortest and <= Longest ? TimeSpan.FromSeconds(seconds) : null;
}
