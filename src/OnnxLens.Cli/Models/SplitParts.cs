using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Eval.Datasets;

namespace OnnxLens.Cli.Models;

/// <summary>Reads the splits that are asked for, such as <c>train=0.5,test=0.5</c> or <c>train=200,test=96</c>.</summary>
internal static class SplitParts
{
    private const string Example = "e.g. --parts train=0.5,test=0.5 or --parts train=200,test=96";

    /// <summary>Reads a list. A number without a point counts rows, one with a point is a fraction of them.</summary>
    /// <exception cref="UsageException">It has no such form, or a number is out of range.</exception>
    public static ImmutableArray<SplitPart> Read(string list) => [.. UsageException.OfOption(() => list.Split(',').Select(ReadPart).ToArray())];

    private static SplitPart ReadPart(string text)
    {
        int sign = text.LastIndexOf('=');
        string name = sign < 0 ? "" : text[..sign].Trim();
        if (name.Length == 0)
        {
            throw new UsageException($"'{text.Trim()}' in --parts is no split with its size. Write name=size, {Example}.");
        }

        if (name is Splits.Rest or PairSet.NoSplit)
        {
            throw new UsageException($"Split '{name}' in --parts cannot be asked for: '{Splits.Rest}' is the split of rows that no other takes, '{PairSet.NoSplit}' that of rows without one. Give another name.");
        }

        string size = text[(sign + 1)..].Trim();
        if (int.TryParse(size, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int count))
        {
            return SplitPart.OfCount(name, count);
        }

        return size.Contains('.') && double.TryParse(size, NumberStyles.Float, CultureInfo.InvariantCulture, out double fraction)
            ? SplitPart.OfFraction(name, fraction)
            : throw new UsageException($"'{size}' after '{name}=' in --parts is neither a number of rows nor a fraction such as 0.5. Write name=size, {Example}.");
    }
}
