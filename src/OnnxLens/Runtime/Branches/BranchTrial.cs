using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Runtime.Branches;

/// <summary>Finds out by running whether branches that share the cache of their prefix see that and themselves alone: not every device's attention kernel takes the bias that says so.</summary>
internal static class BranchTrial
{
    private const int MostTargets = 64;

    /// <summary>A logit's largest difference, in units of the spread of its row: half precision differs by a quarter of that.</summary>
    private const double Agreement = 0.1;

    /// <summary>Tokens of a prefix and branches of it: kernels are chosen by lengths and numbers of rows.</summary>
    private static readonly ImmutableArray<(int Prefix, int Rows)> Shapes = [(5, 3), (43, 1), (64, 2)];

    /// <summary>Logits of a few tokens after each branch of a prefix, [R][m].</summary>
    internal delegate float[][] Branched(int[] prefix, int[] tokens);

    /// <summary>Logits of the same tokens after a whole sequence, [m].</summary>
    internal delegate float[] Whole(int[] tokens);

    /// <summary>Tries a model that was opened for branches.</summary>
    /// <exception cref="InferenceException">The kernel, or something else, refuses.</exception>
    public static bool Holds(LensModel model)
    {
        ModelFacts facts = model.Facts;
        int count = Math.Min(facts.VocabularySize, MostTargets);
        int[] targets = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * facts.VocabularySize / count))];
        return Shapes.Concat(model.BranchWindows.Select(window => (window + 2, 2)))
            .Select(shape => (Math.Min(shape.Item1, facts.MaxLength - 1), Math.Min(shape.Item2, model.MaxBranches))).Distinct()
            .All(shape => Holds(shape.Item1, shape.Item2, facts.VocabularySize, OfBranches, OfWhole));

        float[][] OfBranches(int[] prefix, int[] tokens)
        {
            using ModelRun run = model.Begin(HookSpec.None, prefix.Length + 1);
            if (prefix.Length > 0)
            {
                run.Prefill(prefix);
            }

            using BranchStep step = run.Branch([.. tokens.Select(token => new Branch(token, []))]);
            float[] logits = step.TargetLogits([.. tokens.SelectMany(_ => targets)], count);
            return [.. logits.Chunk(count)];
        }

        float[] OfWhole(int[] tokens)
        {
            using ModelRun run = model.Begin(HookSpec.None, tokens.Length);
            run.Prefill(tokens);
            float[] logits = run.Logits().ToArray();
            return [.. targets.Select(target => logits[target])];
        }
    }

    /// <summary>Tries.</summary>
    /// <param name="prefix">Tokens of the prefix.</param>
    /// <param name="rows">Branches.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="branched">Runs branches.</param>
    /// <param name="whole">Runs whole sequences.</param>
    internal static bool Holds(int prefix, int rows, int vocabulary, Branched branched, Whole whole)
    {
        int[] before = Tokens(0, prefix);
        int[] tokens = Tokens(prefix, rows);
        int kept = rows / 2;
        int[] others = Tokens(prefix + rows, rows);
        others[kept] = tokens[kept];
        float[][] first = branched(before, tokens);
        float[][] second = branched(before, others);
        return first[kept].AsSpan().SequenceEqual(second[kept])
            && Enumerable.Range(0, rows).All(row => Agree(whole([.. before, tokens[row]]), first[row]));

        int[] Tokens(int start, int count) => [.. Enumerable.Range(start, count).Select(i => (i + 1) * 7 % vocabulary)];
    }

    private static bool Agree(float[] expected, float[] actual)
    {
        double most = Agreement * ((double)expected.Max() - expected.Min());
        return expected.Zip(actual).All(pair => Math.Abs((double)pair.First - pair.Second) <= most);
    }
}
