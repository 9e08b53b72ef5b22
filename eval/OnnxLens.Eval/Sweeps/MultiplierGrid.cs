using System.Collections.Immutable;
using System.Globalization;

namespace OnnxLens.Eval.Sweeps;

/// <summary>Reads lists of multipliers: numbers with commas, and ranges <c>from:to:step</c> that include both ends.</summary>
public static class MultiplierGrid
{
    private const int MostMultipliers = 1000;

    /// <summary>Beyond these a slope's sums of squares leave what double precision can hold.</summary>
    private const double Least = 1e-100;
    private const double Largest = 1e100;

    /// <summary>The multipliers of a sweep where none are given: −1.5 to 1.5 by 0.5.</summary>
    public static ImmutableArray<double> Default { get; } = [-1.5, -1, -0.5, 0, 0.5, 1, 1.5];

    /// <summary>The multipliers, ascending, each once. A range's numbers are rounded to nine decimals, so that 0.1 steps give 0.3 and not its neighbour.</summary>
    /// <exception cref="EvalException">A part is no number, a range runs the wrong way or is endless, or fewer than two different multipliers remain.</exception>
    public static ImmutableArray<double> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var numbers = new SortedSet<double>();
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] bounds = part.Split(':', StringSplitOptions.TrimEntries);
            if (bounds.Length == 1)
            {
                numbers.Add(Number(part, text));
            }
            else if (bounds.Length == 3)
            {
                numbers.UnionWith(Range(Number(bounds[0], text), Number(bounds[1], text), Number(bounds[2], text), part));
            }
            else
            {
                throw new EvalException($"'{part}' in the multipliers '{text}' is no range. Write from:to:step, for example -1.5:1.5:0.5.");
            }
        }

        ImmutableArray<double> multipliers = [.. numbers.Select(number => number == 0 ? 0 : number)];
        Require(multipliers);
        return multipliers;
    }

    /// <summary>Refuses multipliers over which no slope can be drawn.</summary>
    /// <exception cref="EvalException">There are fewer than two different ones, too many, or one is not finite, or so small or large that a slope over it is no number.</exception>
    public static void Require(ImmutableArray<double> multipliers)
    {
        if (multipliers.IsDefault || multipliers.Distinct().Count() < 2)
        {
            throw new EvalException(
                $"The multipliers are {(multipliers.IsDefaultOrEmpty ? "none" : string.Join(", ", multipliers.Select(Text)))}; a slope needs at least two different ones. Write for example -1.5:1.5:0.5.");
        }

        if (multipliers.Length > MostMultipliers || multipliers.Any(multiplier => !double.IsFinite(multiplier)))
        {
            throw new EvalException($"{multipliers.Length} multipliers were given, of which all must be finite, and at most {MostMultipliers}. Take a larger step.");
        }

        if (multipliers.FirstOrDefault(multiplier => multiplier != 0 && Math.Abs(multiplier) is < Least or > Largest) is double extreme and not 0)
        {
            throw new EvalException($"The multiplier {Text(extreme)} is so {(Math.Abs(extreme) < Least ? "small" : "large")} that a slope over it is no number. Scale the vector instead, and take multipliers around 1.");
        }
    }

    private static string Text(double multiplier) => multiplier.ToString(CultureInfo.InvariantCulture);

    private static double Number(string part, string text) =>
        double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw new EvalException($"'{part}' in the multipliers '{text}' is no number. Write numbers with commas, or a range such as -1.5:1.5:0.5.");

    private static IEnumerable<double> Range(double from, double to, double step, string part)
    {
        if (step <= 0 || to < from)
        {
            throw new EvalException($"The range '{part}' of multipliers does not rise. Write the lower end first and a step above 0.");
        }

        double steps = Math.Floor(((to - from) / step) + 1e-9);
        return steps < MostMultipliers
            ? Enumerable.Range(0, (int)steps + 1).Select(i => Math.Round(from + (i * step), 9))
            : throw new EvalException($"The range '{part}' has more than {MostMultipliers} multipliers. Take a larger step.");
    }
}
