using System.CommandLine;
using System.Globalization;

namespace OnnxLens.Cli.Commands;

/// <summary>The option that bounds the memory of a run.</summary>
/// <param name="isPlanned">False for commands that run many short inputs, of which it bounds the calls of the LM head alone.</param>
internal sealed class MemoryBudgetOption(bool isPlanned = true)
{
    private const string OfPlans = "Memory that a run may take beyond the program with its weights, such as 500MiB or 4GiB. Captures, chunks of the prompt and calls of the LM head are cut to it. Default: half of what the machine has left.";
    private const string OfHead = "Memory, such as 500MiB or 4GiB, of which a call of the LM head may take half. Captures of an input are held whole. Default: 1GiB.";

    private static readonly (string Unit, double Bytes)[] Units =
        [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12)];

    private readonly Option<string?> _option = Options.Text("--memory-budget", "SIZE", isPlanned ? OfPlans : OfHead);

    /// <summary>Adds the option to a command.</summary>
    public void AddTo(Command command) => command.Add(_option);

    /// <summary>Bytes, or null where nothing was given.</summary>
    /// <exception cref="UsageException">The text is no size.</exception>
    public long? Read(ParseResult parsed) => parsed.GetValue(_option) is string text ? Parse(text) : null;

    private static long Parse(string text)
    {
        (string unit, double bytes) = Array.Find(Units, unit => text.EndsWith(unit.Unit, StringComparison.OrdinalIgnoreCase));
        if (unit is not null
            && double.TryParse(text.AsSpan(0, text.Length - unit.Length).Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count)
            && count * bytes is >= 1 and <= long.MaxValue / 2)
        {
            return (long)(count * bytes);
        }

        throw new UsageException($"--memory-budget '{text}' is no size. Give a number and a unit, such as 500MiB, 4GiB or 2.5GB.");
    }
}
