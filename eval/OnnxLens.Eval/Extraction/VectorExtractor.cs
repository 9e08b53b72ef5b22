using System.Collections.Immutable;
using System.Globalization;
using System.Numerics.Tensors;
using OnnxLens.Bundles;
using OnnxLens.Eval.Datasets;

namespace OnnxLens.Eval.Extraction;

/// <summary>Makes steering vectors of activations, with the controls that belong to them, and judges them before they are used.</summary>
/// <param name="method">How.</param>
/// <param name="pairs">The pairs that the activations are of, in the same order: letters and questions are told by them. Null for contrast prompts, which have neither.</param>
/// <param name="seed">Decides which pairs the shuffled control turns round.</param>
public sealed class VectorExtractor(ExtractionMethod method, PairSet? pairs = null, ulong seed = 0)
{
    private readonly OppositeLetters? _letters = pairs is null ? null : OppositeLetters.Find(pairs);

    /// <summary>Below this, single differences hardly agree with their mean, and the vector will move samples in different directions (Tan et al. 2024 find steerability to follow it).</summary>
    private const double PoorAgreement = 0.2;

    /// <summary>Below this, held-out activations of the two sides overlap almost wholly along the vector.</summary>
    private const double PoorAuc = 0.6;

    /// <summary>Fewer pairs than this say little, and are not held out in turn.</summary>
    private const int FewPairs = 10;

    private const int Folds = 5;
    private const double Rounding = 1e-6;

    /// <summary>Extracts at every hook point.</summary>
    /// <param name="train">What the vectors are made of: the activations of the pairs.</param>
    /// <param name="heldOut">
    /// What they are judged on. Null judges by cross-validation: the pairs are held out a fifth at a time, questions whole, and each
    /// fifth is told apart by the vector of the others. The vector itself is made of all pairs.
    /// </param>
    /// <param name="cancellation">Stops before the next hook point or fold.</param>
    /// <returns>The vectors, sites first in forward order. A hook point at which the differences cancel has none.</returns>
    /// <exception cref="EvalException">A difference is not finite, or the differences cancel at every hook point.</exception>
    public ImmutableArray<ExtractedVector> Extract(ActivationPairs train, ActivationPairs? heldOut, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        if (pairs is not null && pairs.Pairs.Length != train.Count)
        {
            throw new ArgumentException($"{train.Count} activations were given for {pairs.Pairs.Length} pairs.", nameof(train));
        }

        ImmutableArray<ExtractedVector> vectors =
            [.. train.Points.OrderBy(point => point.Site).ThenBy(point => point.Layer).Select(point => Extract(point, train, heldOut, cancellation)).OfType<ExtractedVector>()];
        return !vectors.IsEmpty
            ? vectors
            : throw new EvalException(
                $"The differences of the pairs cancel at {string.Join(", ", train.Points)}, so there is no vector to make. The activation depends there on the label's token alone, or both sides are the same: choose later layers.");
    }

    private ExtractedVector? Extract(HookPoint point, ActivationPairs train, ActivationPairs? heldOut, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        IReadOnlyList<float[]> positive = train.Positive(point);
        IReadOnlyList<float[]> negative = train.Negative(point);
        float[][] differences = ActivationRows.Differences(positive, negative);
        var mean = MeanDifference.Of(differences);
        if (Cancels(mean, differences))
        {
            return null;
        }

        (ImmutableArray<float> values, double? ratio) = Direction(positive, negative, differences, mean);
        ImmutableArray<float> letter = LetterVector(differences);
        (double Auc, double Accuracy, int Pairs)? separation = heldOut is { Count: > 0 }
            ? (Separation.Along(values.AsSpan(), heldOut.Positive(point), heldOut.Negative(point)).Auc, PairsInOrder(values, heldOut.Positive(point), heldOut.Negative(point)), heldOut.Count)
            : CrossValidate(positive, negative, cancellation);
        var quality = new ExtractionQuality(
            point,
            differences.Length,
            EuclideanNorm.Of(values.AsSpan()),
            mean.Agreement ?? 0,
            separation?.Auc,
            separation?.Accuracy,
            separation?.Pairs ?? 0,
            letter.IsDefault ? null : EuclideanNorm.Of(letter.AsSpan()),
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

    /// <summary>Holds out each fold of the pairs in turn. Null where there are too few.</summary>
    private (double Auc, double Accuracy, int Pairs)? CrossValidate(IReadOnlyList<float[]> positive, IReadOnlyList<float[]> negative, CancellationToken cancellation)
    {
        int[] folds = FoldOfPairs(positive.Count);
        if (positive.Count < FewPairs || folds.Max() == 0)
        {
            return null;
        }

        double auc = 0;
        double accuracy = 0;
        foreach (int fold in folds.Distinct())
        {
            cancellation.ThrowIfCancellationRequested();
            int[] held = [.. Enumerable.Range(0, folds.Length).Where(i => folds[i] == fold)];
            int[] rest = [.. Enumerable.Range(0, folds.Length).Where(i => folds[i] != fold)];
            float[][] plus = [.. rest.Select(i => positive[i])];
            float[][] minus = [.. rest.Select(i => negative[i])];
            float[][] differences = ActivationRows.Differences(plus, minus);
            ImmutableArray<float> values = Direction(plus, minus, differences, MeanDifference.Of(differences)).Values;
            float[][] heldPlus = [.. held.Select(i => positive[i])];
            float[][] heldMinus = [.. held.Select(i => negative[i])];
            auc += Separation.Along(values.AsSpan(), heldPlus, heldMinus).Auc * held.Length;
            accuracy += PairsInOrder(values, heldPlus, heldMinus) * held.Length;
        }

        return (auc / positive.Count, accuracy / positive.Count, positive.Count);
    }

    /// <summary>The fold of each pair; pairs of one question share theirs.</summary>
    private int[] FoldOfPairs(int count)
    {
        if (pairs is null)
        {
            return [.. Enumerable.Range(0, count).Select(i => i % Folds)];
        }

        var folds = new Dictionary<string, int>(StringComparer.Ordinal);
        return [.. pairs.Rows.Select(row => folds.TryGetValue(row.QuestionKey, out int fold) ? fold : folds[row.QuestionKey] = folds.Count % Folds)];
    }

    /// <summary>
    /// The same method over pairs of which half are turned round. Principal directions have none: which way round a pair is does not change
    /// them as they are, and centred it leaves the mean in, which is what is to be taken off.
    /// </summary>
    private ImmutableArray<float> Shuffled(IReadOnlyList<float[]> positive, IReadOnlyList<float[]> negative)
    {
        if (method is ExtractionMethod.Pca or ExtractionMethod.PcaCentred)
        {
            return default;
        }

        ImmutableArray<int> signs = pairs is null ? Signs(positive.Count) : ShuffledSigns.Draw(pairs, seed);
        if (!signs.Contains(1) || !signs.Contains(-1))
        {
            return default;
        }

        float[][] plus = [.. positive.Select((row, i) => signs[i] > 0 ? row : negative[i])];
        float[][] minus = [.. negative.Select((row, i) => signs[i] > 0 ? row : positive[i])];
        float[][] differences = ActivationRows.Differences(plus, minus);
        var mean = MeanDifference.Of(differences);
        return Cancels(mean, differences) ? default : Direction(plus, minus, differences, mean).Values;
    }

    /// <summary>+1 for half of so many rows, −1 for the others.</summary>
    private ImmutableArray<int> Signs(int count)
    {
        var random = new SeededRandom(seed);
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int other = random.Below(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return [.. order.Select(place => place < count / 2 ? -1 : 1)];
    }

    /// <summary>Half the difference of the mean differences of two opposite letters: what the letter does to the activation, the trait cancelled.</summary>
    private ImmutableArray<float> LetterVector(float[][] differences)
    {
        if (_letters is null)
        {
            return default;
        }

        float[] first = [.. Mean(_letters.First)];
        TensorPrimitives.Subtract(first, Mean(_letters.Second).AsSpan(), first);
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

        if (quality.HeldOutAuc < 1 - PoorAuc)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"held-out pairs lie the other way round (AUC {quality.HeldOutAuc:0.00})");
        }
        else if (quality.HeldOutAuc < PoorAuc)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"held-out pairs are hardly told apart (AUC {quality.HeldOutAuc:0.00})");
        }

        if (pairs?.ByLetter.Length == 1)
        {
            yield return $"every matching answer is '{pairs.ByLetter[0].Letter}', so the vector holds the letter as well as the trait";
        }
        else if (quality.LetterNorm > quality.Norm)
        {
            yield return "the letter moves the activation more than the trait";
        }
    }

    /// <summary>
    /// True where the differences cancel but for rounding. So they do wherever the activation depends on the label's token alone and
    /// either label matches as often: before the first attention, for pairs in both orders.
    /// </summary>
    private static bool Cancels(MeanDifference mean, float[][] differences) =>
        mean.Norm <= Rounding * differences.Max(difference => (double)TensorPrimitives.Norm<float>(difference));

    private static double PairsInOrder(ImmutableArray<float> values, IReadOnlyList<float[]> plus, IReadOnlyList<float[]> minus) => plus
        .Zip(minus, (positive, negative) => TensorPrimitives.Dot(values.AsSpan(), positive) > TensorPrimitives.Dot(values.AsSpan(), negative) ? 1.0 : 0.0)
        .Average();

    private static ImmutableArray<float> Scaled(ImmutableArray<float> direction, double norm) => [.. direction.Select(value => (float)(value * norm))];
}
