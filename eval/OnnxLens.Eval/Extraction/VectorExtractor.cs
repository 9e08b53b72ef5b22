using System.Collections.Immutable;
using System.Globalization;
using System.Numerics.Tensors;
using OnnxLens.Bundles;
using OnnxLens.Eval.Datasets;

namespace OnnxLens.Eval.Extraction;

/// <summary>Makes steering vectors of activations, and judges them before they are used.</summary>
/// <param name="method">How.</param>
/// <param name="letters">The pairs by the letter of their matching answer; empty where answers have none.</param>
/// <param name="signs">+1 or −1 for each pair: the turned ones of the shuffled control; empty makes none.</param>
public sealed class VectorExtractor(ExtractionMethod method, ImmutableArray<LetterGroup> letters, ImmutableArray<int> signs)
{
    /// <summary>Below this, single differences hardly agree with their mean, and the vector will move samples in different directions (Tan et al. 2024 find steerability to follow it).</summary>
    public const double PoorAgreement = 0.2;

    /// <summary>Below this, held-out activations of the two sides overlap almost wholly along the vector.</summary>
    public const double PoorAuc = 0.6;

    /// <summary>Fewer pairs than this say little.</summary>
    public const int FewPairs = 10;

    /// <summary>Extracts at every hook point.</summary>
    /// <param name="train">What the vectors are made of.</param>
    /// <param name="heldOut">What they are judged on, or null.</param>
    /// <exception cref="EvalException">A difference is not finite, or the two sides are alike everywhere at a hook point.</exception>
    public ImmutableArray<ExtractedVector> Extract(ActivationPairs train, ActivationPairs? heldOut)
    {
        ArgumentNullException.ThrowIfNull(train);
        return [.. train.Points.OrderBy(point => point.Site).ThenBy(point => point.Layer).Select(point => Extract(point, train, heldOut))];
    }

    private ExtractedVector Extract(HookPoint point, ActivationPairs train, ActivationPairs? heldOut)
    {
        IReadOnlyList<float[]> positive = train.Positive(point);
        IReadOnlyList<float[]> negative = train.Negative(point);
        float[][] differences = ActivationRows.Differences(positive, negative);
        var mean = MeanDifference.Of(differences);
        if (mean.Norm == 0)
        {
            throw new EvalException($"At '{point}' the mean of the differences is zero: both sides of the pairs have the same activations there. Choose a site behind the token that differs.");
        }

        (ImmutableArray<float> values, double? ratio) = Direction(positive, negative, differences, mean);
        ImmutableArray<float> letter = LetterVector(differences);
        Separation? separation = heldOut is { Count: > 0 } ? Separation.Along(values.AsSpan(), heldOut.Positive(point), heldOut.Negative(point)) : null;
        var quality = new ExtractionQuality(
            point,
            differences.Length,
            Norm(values),
            mean.Agreement ?? 0,
            separation?.Auc,
            heldOut is { Count: > 0 } ? PairsInOrder(values, heldOut, point) : null,
            heldOut?.Count ?? 0,
            letter.IsDefault ? null : Norm(letter),
            ratio,
            []);
        return new ExtractedVector(point, values, Shuffled(positive, negative), letter, quality with { Warnings = [.. Warnings(quality)] });
    }

    private (ImmutableArray<float> Values, double? Ratio) Direction(
        IReadOnlyList<float[]> positive, IReadOnlyList<float[]> negative, float[][] differences, MeanDifference mean)
    {
        switch (method)
        {
            case ExtractionMethod.MeanDifference:
                return (mean.Values, null);
            case ExtractionMethod.Logistic:
                return (Scaled(LogisticDirection.Fit(positive, negative).Direction, mean.Norm), null);
            default:
                var principal = PrincipalDirection.Of(differences, centred: method == ExtractionMethod.PcaCentred);
                return (Scaled(principal.Values, mean.Norm), principal.SingularRatio);
        }
    }

    /// <summary>The same method over pairs of which half are turned round.</summary>
    private ImmutableArray<float> Shuffled(IReadOnlyList<float[]> positive, IReadOnlyList<float[]> negative)
    {
        if (signs.Length != positive.Count || !signs.Contains(1) || !signs.Contains(-1))
        {
            return default;
        }

        float[][] plus = [.. positive.Select((row, i) => signs[i] > 0 ? row : negative[i])];
        float[][] minus = [.. negative.Select((row, i) => signs[i] > 0 ? row : positive[i])];
        float[][] differences = ActivationRows.Differences(plus, minus);
        var mean = MeanDifference.Of(differences);
        return mean.Norm == 0 ? default : Direction(plus, minus, differences, mean).Values;
    }

    /// <summary>Half the difference of the mean differences of the two commonest letters: what the letter does to the activation, the trait cancelled.</summary>
    private ImmutableArray<float> LetterVector(float[][] differences)
    {
        LetterGroup[] groups = [.. letters.OrderByDescending(group => group.Pairs.Length).ThenBy(group => group.Letter, StringComparer.Ordinal).Take(2)];
        if (groups.Length < 2)
        {
            return default;
        }

        float[] first = [.. Mean(groups[0])];
        TensorPrimitives.Subtract(first, Mean(groups[1]).AsSpan(), first);
        TensorPrimitives.Multiply(first, 0.5f, first);
        return [.. first];

        ImmutableArray<float> Mean(LetterGroup group) => MeanDifference.Of([.. group.Pairs.Select(pair => differences[pair])]).Values;
    }

    private IEnumerable<string> Warnings(ExtractionQuality quality)
    {
        if (quality.Pairs < FewPairs)
        {
            yield return $"made of {quality.Pairs} pair(s) only";
        }

        if (quality.Agreement < PoorAgreement)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"single differences hardly agree with their mean (cosine {quality.Agreement:0.00})");
        }

        if (quality.HeldOutAuc < PoorAuc)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"held-out pairs are hardly told apart (AUC {quality.HeldOutAuc:0.00})");
        }

        if (letters.Length == 1)
        {
            yield return $"every matching answer is '{letters[0].Letter}', so the vector holds the letter as well as the trait";
        }
        else if (quality.LetterNorm > quality.Norm)
        {
            yield return "the letter moves the activation more than the trait";
        }
    }

    private static double PairsInOrder(ImmutableArray<float> values, ActivationPairs pairs, HookPoint point) => pairs.Positive(point)
        .Zip(pairs.Negative(point), (positive, negative) => TensorPrimitives.Dot(values.AsSpan(), positive) > TensorPrimitives.Dot(values.AsSpan(), negative) ? 1.0 : 0.0)
        .Average();

    private static ImmutableArray<float> Scaled(ImmutableArray<float> direction, double norm) => [.. direction.Select(value => (float)(value * norm))];

    private static double Norm(ImmutableArray<float> values) => Math.Sqrt(values.Sum(value => (double)value * value));
}
