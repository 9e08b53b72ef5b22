using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Export.Instrument.Finding;
using OnnxLens.Lens;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Instrument.Checking;

/// <summary>
/// Holds a bundle against the graph it was made of, on the same tokens, prefill and decode: every site, the logits, the sums of the
/// residual stream, and that a vector of zeros changes nothing and another one what it should.
/// </summary>
internal sealed class SelfCheck
{
    private readonly Expectations _expected;
    private readonly Anatomy _anatomy;
    private readonly LensBundle _bundle;
    private readonly LensModel _model;
    private readonly ImmutableArray<HookPoint> _points;
    private readonly CancellationToken _cancellation;
    private Difference _sites;
    private Difference _logits;

    private SelfCheck(Expectations expected, Anatomy anatomy, LensBundle bundle, LensModel model, CancellationToken cancellation)
    {
        _expected = expected;
        _anatomy = anatomy;
        _bundle = bundle;
        _model = model;
        _points = [.. anatomy.Sites().Select(site => site.Point)];
        _cancellation = cancellation;
    }

    private ModelFacts Facts => _bundle.Manifest.Model;

    /// <summary>Checks.</summary>
    /// <param name="expected">What the graph gave.</param>
    /// <param name="anatomy">What was found in it.</param>
    /// <param name="bundle">The bundle that was made of it.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>What was measured, one sentence.</returns>
    /// <exception cref="InferenceException">The two differ, or a vector does not do what it should; the message has the figures.</exception>
    public static string Run(Expectations expected, Anatomy anatomy, LensBundle bundle, CancellationToken cancellation)
    {
        ImmutableArray<HookPoint> points = [.. anatomy.Sites().Select(site => site.Point)];
        using LensModel model = LensModel.Open(bundle, new LensModelOptions { Capture = points });
        var check = new SelfCheck(expected, anatomy, bundle, model, cancellation);
        foreach (ExpectedRun run in expected.Runs)
        {
            check.Compare(run);
        }

        check.Steer([.. expected.Runs[0].Tokens]);
        return string.Create(CultureInfo.InvariantCulture, $"checked against the graph: sites differ by at most {check._sites.Largest:G2}, logits by at most {check._logits.Largest:G2}");
    }

    /// <summary>Prefill and then single steps.</summary>
    private void Compare(ExpectedRun expected)
    {
        using ModelRun run = _model.Begin(new HookSpec { Capture = _points }, expected.Tokens.Length);
        foreach (ExpectedChunk chunk in expected.Chunks)
        {
            ReadOnlySpan<int> tokens = expected.Tokens.AsSpan().Slice(chunk.Start, chunk.Count);
            if (chunk.Start == 0)
            {
                run.Prefill(tokens, _cancellation);
            }
            else
            {
                run.Step(tokens, _cancellation);
            }

            CompareSites(run, chunk.Values, chunk.Start, chunk.Count);
            CompareLogits(run, chunk.Values[_anatomy.Stream.Head.Output].ToSingles(), chunk.Start, chunk.Count);
        }

        CompareSums(run, expected.Tokens.Length);
    }

    private void CompareSites(ModelRun run, IReadOnlyDictionary<string, ProbeTensor> expected, int start, int count)
    {
        float[] row = new float[Facts.HiddenSize];
        foreach ((HookPoint point, string value) in _anatomy.Sites())
        {
            float[] rows = expected[value].ToSingles();
            int skipped = (rows.Length / Facts.HiddenSize) - count;
            for (int i = 0; i < count; i++)
            {
                run.Captures.Read(point, 0, start + i, row);
                var difference = Difference.Of(rows.AsSpan((skipped + i) * Facts.HiddenSize, Facts.HiddenSize), row);
                _sites = Difference.Max(_sites, difference);
                Require(difference, $"site '{point}' at position {start + i}", $"the graph's '{value}'");
            }
        }
    }

    private void CompareLogits(ModelRun run, float[] expected, int start, int count)
    {
        var logits = new LogitsReader(_model, run);
        int rows = expected.Length / Facts.VocabularySize;
        for (int i = Math.Max(0, count - rows); i < count; i++)
        {
            ReadOnlySpan<float> actual = logits.Read(start + i, _cancellation);
            var difference = Difference.Of(expected.AsSpan((rows - count + i) * Facts.VocabularySize, Facts.VocabularySize), actual);
            _logits = Difference.Max(_logits, difference);
            Require(difference, $"the lens of the last layer at position {start + i}", "the graph's logits");
        }

        var own = Difference.Of(logits.Read(start + count - 1, _cancellation), run.Logits(0, _cancellation));
        Require(own, "the lens of the last layer", "the model's own logits");
    }

    private void CompareSums(ModelRun run, int length)
    {
        float[] before = new float[Facts.HiddenSize];
        float[] added = new float[Facts.HiddenSize];
        float[] after = new float[Facts.HiddenSize];
        for (int layer = 0; layer < Facts.Layers; layer++)
        {
            foreach ((Site from, Site contribution, Site to) in ((Site, Site, Site)[])[(Site.ResidPre, Site.AttnOut, Site.ResidMid), (Site.ResidMid, Site.MlpOut, Site.ResidPost)])
            {
                for (int position = 0; position < length; position++)
                {
                    run.Captures.Read(new HookPoint(from, layer), 0, position, before);
                    run.Captures.Read(new HookPoint(contribution, layer), 0, position, added);
                    run.Captures.Read(new HookPoint(to, layer), 0, position, after);
                    for (int i = 0; i < before.Length; i++)
                    {
                        before[i] += added[i];
                    }

                    Require(Difference.Of(before, after), $"{from.Name()} + {contribution.Name()} in layer {layer}", $"its {to.Name()}");
                }
            }
        }
    }

    /// <summary>A vector of zeros at every site, then another one at each kind of site in a middle layer.</summary>
    private void Steer(int[] tokens)
    {
        (float[][] plain, float[] logits) = RunSteered(tokens, []);
        HookPoint[] steerable = [.. _points.Where(point => point.Site.IsSteerable())];
        ImmutableArray<float> zeros = [.. new float[Facts.HiddenSize]];
        (float[][] zero, float[] zeroLogits) = RunSteered(tokens, [.. steerable.Select(point => Everywhere(point, zeros))]);
        for (int i = 0; i < _points.Length; i++)
        {
            RequireSame(plain[i], zero[i], $"A vector of zeros changes '{_points[i]}'");
        }

        RequireSame(logits, zeroLogits, "A vector of zeros changes the logits");
        foreach (HookPoint point in steerable.Where(point => point.Layer == Facts.Layers / 2))
        {
            float[] site = plain[_points.IndexOf(point)];
            ImmutableArray<float> vector = VectorFor(site);
            (float[][] steered, float[] steeredLogits) = RunSteered(tokens, [Everywhere(point, vector)]);
            float[] expected = [.. site.Select((value, i) => value + vector[i % vector.Length])];
            Require(Difference.Of(expected, steered[_points.IndexOf(point)]), $"'{point}' with a vector added", "the unsteered value plus the vector");
            CompareSteeredSum(point, steered);
            foreach (HookPoint earlier in _points.Where(other => other.Layer < point.Layer))
            {
                RequireSame(plain[_points.IndexOf(earlier)], steered[_points.IndexOf(earlier)], $"A vector at '{point}' changes '{earlier}'");
            }

            if (steeredLogits.AsSpan().SequenceEqual(logits))
            {
                throw Failed($"a vector added at '{point}' leaves the logits as they are, bit for bit: nothing behind reads the site");
            }
        }
    }

    /// <summary>A vector in front of a sublayer reaches the residual stream through the sublayer alone.</summary>
    private void CompareSteeredSum(HookPoint point, float[][] steered)
    {
        if (point.Site == Site.ResidPost)
        {
            return;
        }

        bool attention = point.Site == Site.AttnIn;
        float[] Of(Site site, int layer) => steered[_points.IndexOf(new HookPoint(site, layer))];
        float[] before = !attention ? Of(Site.ResidMid, point.Layer) : point.Layer == 0 ? Of(Site.ResidPre, 0) : Of(Site.ResidPost, point.Layer - 1);
        float[] added = Of(attention ? Site.AttnOut : Site.MlpOut, point.Layer);
        float[] sum = [.. before.Zip(added, (residual, contribution) => residual + contribution)];
        Require(Difference.Of(sum, Of(attention ? Site.ResidMid : Site.ResidPost, point.Layer)), $"the residual stream behind '{point}' with a vector added", "the residual before it plus what the sublayer adds");
    }

    private static SteeringOperation Everywhere(HookPoint point, ImmutableArray<float> vector) => new(point, vector) { Positions = SteeringPositions.All };

    /// <summary>A random vector as long as the activations at a site are.</summary>
    private ImmutableArray<float> VectorFor(float[] rows)
    {
        var random = new SeededRandom(Expectations.Seed + 1);
        double size = Math.Sqrt(rows.Sum(value => (double)value * value) / rows.Length);
        return [.. Enumerable.Range(0, Facts.HiddenSize).Select(_ => (float)(random.NextNormal() * size))];
    }

    private (float[][] Sites, float[] Logits) RunSteered(int[] tokens, ImmutableArray<SteeringOperation> operations)
    {
        using ModelRun run = _model.Begin(new HookSpec { Capture = _points, Steer = operations }, tokens.Length);
        run.Prefill(tokens, _cancellation);
        float[][] sites = new float[_points.Length][];
        for (int i = 0; i < _points.Length; i++)
        {
            sites[i] = new float[tokens.Length * Facts.HiddenSize];
            for (int position = 0; position < tokens.Length; position++)
            {
                run.Captures.Read(_points[i], 0, position, sites[i].AsSpan(position * Facts.HiddenSize, Facts.HiddenSize));
            }
        }

        return (sites, run.Logits(0, _cancellation).ToArray());
    }

    private void Require(Difference difference, string what, string expected)
    {
        if (!(difference.Relative <= _expected.Tolerance))
        {
            throw Failed(string.Create(CultureInfo.InvariantCulture, $"{what} differs from {expected} by {difference.Largest:G3}, of values up to {difference.Scale:G3}; at most {_expected.Tolerance * difference.Scale:G3} was expected"));
        }
    }

    private void RequireSame(float[] expected, float[] actual, string what)
    {
        if (!expected.AsSpan().SequenceEqual(actual))
        {
            throw Failed(string.Create(CultureInfo.InvariantCulture, $"{what}, by up to {Difference.Of(expected, actual).Largest:G3}, where no bit was expected to change"));
        }
    }

    private InferenceException Failed(string problem) => new(
        $"The check of the instrumented graph fails: {problem}. The graph has a form that was misread; no bundle was written. Please report it with the exporter's name and version.", _bundle.Manifest.Shards[0].File);
}
