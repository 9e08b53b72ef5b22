using System.Collections.Immutable;
using MathNet.Numerics.Statistics;
using OnnxLens.Bundles;
using OnnxLens.Eval.Datasets;
using OnnxLens.Eval.Statistics;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Eval.Drift;

/// <summary>Sets the slopes of two sweeps over the same samples side by side.</summary>
public static class SlopeDriftAnalysis
{
    /// <summary>Compares.</summary>
    /// <param name="a">Every sample's slope in A.</param>
    /// <param name="b">The same in B. A vector and hook point that only one of them has is left out.</param>
    /// <param name="datasets">The datasets. Rows that ask the same question are resampled together.</param>
    /// <param name="bootstrap">How intervals are made: samples are drawn, each with its slopes in both.</param>
    /// <param name="cancellation">Stops within a bootstrap.</param>
    /// <exception cref="EvalException">The sweeps are over different samples.</exception>
    public static ImmutableArray<SlopeDrift> Of(
        IReadOnlyList<SampleSlope> a, IReadOnlyList<SampleSlope> b, IReadOnlyList<PairSet> datasets, BootstrapOptions bootstrap, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        ArgumentNullException.ThrowIfNull(datasets);
        Dictionary<(string, string), int> questions = Questions(datasets);
        ILookup<(string, string, HookPoint), SampleSlope> others = b.ToLookup(Key);
        return
        [
            .. a.GroupBy(Key)
                .Where(group => others.Contains(group.Key))
                .Select(group => Compare(group.Key, [.. group], [.. others[group.Key]], questions, bootstrap, cancellation)),
        ];
    }

    private static SlopeDrift Compare(
        (string Dataset, string Vector, HookPoint Point) key, SampleSlope[] a, SampleSlope[] b, Dictionary<(string, string), int> questions, BootstrapOptions bootstrap, CancellationToken cancellation)
    {
        if (!a.Select(slope => slope.Sample).SequenceEqual(b.Select(slope => slope.Sample)))
        {
            throw new EvalException($"'{key.Vector}' at '{key.Point}' was measured on other samples of '{key.Dataset}' in A ({a.Length}) than in B ({b.Length}). Measure both on the same.");
        }

        double[] own = [.. a.Select(slope => slope.Slope)];
        double[] theirs = [.. b.Select(slope => slope.Slope)];
        double[] differences = [.. own.Zip(theirs, (x, y) => y - x)];
        int[] clusters = [.. a.Select((slope, i) => questions.GetValueOrDefault((slope.Dataset, slope.Sample), -1 - i))];
        ImmutableArray<Interval> interval = Bootstrap.OfMeans([differences], bootstrap, clusters, cancellation);
        return new SlopeDrift
        {
            Dataset = key.Dataset,
            Vector = key.Vector,
            Point = key.Point,
            Samples = [.. a.Zip(b, (x, y) => new SlopePair(x.Sample, x.Slope, y.Slope))],
            SlopeA = own.Average(),
            SlopeB = theirs.Average(),
            Difference = differences.Average(),
            CiLow = interval.IsEmpty ? null : interval[0].Low,
            CiHigh = interval.IsEmpty ? null : interval[0].High,
            Correlation = Correlate(own, theirs),
        };
    }

    private static double? Correlate(double[] a, double[] b) =>
        IsConstant(a) || IsConstant(b) ? null : a.AsSpan().SequenceEqual(b) ? 1 : Math.Clamp(Correlation.Pearson(a, b), -1, 1);

    private static bool IsConstant(double[] values) => !values.AsSpan().ContainsAnyExcept(values[0]);

    /// <summary>A number for the question of every sample.</summary>
    private static Dictionary<(string, string), int> Questions(IReadOnlyList<PairSet> datasets)
    {
        var numbers = new Dictionary<(string, string), int>();
        var questions = new Dictionary<(string, string), int>();
        foreach (PairSet set in datasets)
        {
            for (int i = 0; i < set.Pairs.Length; i++)
            {
                numbers.TryAdd((set.Name, set.Rows[i].QuestionKey), numbers.Count);
                questions[(set.Name, set.Pairs[i].Sample)] = numbers[(set.Name, set.Rows[i].QuestionKey)];
            }
        }

        return questions;
    }

    private static (string Dataset, string Vector, HookPoint Point) Key(SampleSlope slope) => (slope.Dataset, slope.Vector, slope.Point);
}
