using OnnxLens.Bundles;
using OnnxLens.Export.Families;

namespace OnnxLens.Export.Tests.Graphs;

/// <summary>The forward pass of a decoder in plain double-precision loops, as the papers write it.</summary>
internal sealed class PlainDecoder(Architecture architecture, IReadOnlyDictionary<string, float[]> weights)
{
    private readonly ModelFacts _facts = architecture.Facts;

    /// <summary>Every site of one sequence, [S,H] row-major.</summary>
    /// <param name="tokens">Token ids.</param>
    /// <param name="steering">What is added at a hook point: (position, index in H) → value.</param>
    public Dictionary<string, double[]> Run(long[] tokens, IReadOnlyDictionary<string, Func<int, int, double>>? steering = null)
    {
        int hidden = _facts.HiddenSize;
        var sites = new Dictionary<string, double[]>();
        double[] residual = [.. tokens.SelectMany(id => weights[WeightNames.Embedding].Skip((int)id * hidden).Take(hidden)).Select(v => (double)v)];
        sites["resid_pre.0"] = residual;
        for (int layer = 0; layer < _facts.Layers; layer++)
        {
            double[] attnIn = Keep("attn_in", Norm(residual, Name("input_layernorm"), hidden));
            double[] attnOut = Keep("attn_out", Attention(attnIn, layer));
            residual = Keep("resid_mid", Sum(residual, attnOut));
            double[] mlpIn = Keep("mlp_in", Norm(residual, Name("post_attention_layernorm"), hidden));
            double[] mlpOut = Keep("mlp_out", Mlp(mlpIn, layer));
            residual = Keep("resid_post", Sum(residual, mlpOut));

            string Name(string part) => WeightNames.Layer(layer, part + ".weight");

            double[] Keep(string site, double[] value)
            {
                if (steering is not null && steering.TryGetValue($"{site}.{layer}", out Func<int, int, double>? added))
                {
                    value = [.. value.Select((v, i) => v + added(i / hidden, i % hidden))];
                }

                return sites[$"{site}.{layer}"] = value;
            }
        }

        return sites;
    }

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private double[] Norm(double[] values, string weight, int width)
    {
        var result = new double[values.Length];
        for (int row = 0; row < values.Length / width; row++)
        {
            ReadOnlySpan<double> source = values.AsSpan(row * width, width);
            double squares = 0;
            foreach (double v in source) squares += v * v;
            double scale = 1 / Math.Sqrt((squares / width) + architecture.RmsNormEpsilon);
            for (int i = 0; i < width; i++) result[(row * width) + i] = source[i] * scale * weights[weight][i];
        }

        return result;
    }

    private double[] Project(double[] values, string name, int inputs)
    {
        float[] weight = weights[name + ".weight"];
        float[]? bias = weights.GetValueOrDefault(name + ".bias");
        int outputs = weight.Length / inputs;
        int rows = values.Length / inputs;
        var result = new double[rows * outputs];
        for (int row = 0; row < rows; row++)
        {
            for (int o = 0; o < outputs; o++)
            {
                double sum = bias?[o] ?? 0;
                for (int i = 0; i < inputs; i++) sum += values[(row * inputs) + i] * weight[(o * inputs) + i];
                result[(row * outputs) + o] = sum;
            }
        }

        return result;
    }

    private double[] Mlp(double[] input, int layer)
    {
        double[] gate = Project(input, WeightNames.Layer(layer, "mlp.gate_proj"), _facts.HiddenSize);
        double[] up = Project(input, WeightNames.Layer(layer, "mlp.up_proj"), _facts.HiddenSize);
        double[] gated = [.. gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u)];
        return Project(gated, WeightNames.Layer(layer, "mlp.down_proj"), _facts.IntermediateSize!.Value);
    }

    private double[] Attention(double[] input, int layer)
    {
        int width = _facts.HeadDim;
        double[] q = Heads("q", _facts.Heads, rotated: true);
        double[] k = Heads("k", _facts.KvHeads, rotated: true);
        double[] v = Heads("v", _facts.KvHeads, rotated: false);
        int length = input.Length / _facts.HiddenSize;
        var mixed = new double[length * _facts.Heads * width];
        for (int i = 0; i < length; i++)
        {
            for (int head = 0; head < _facts.Heads; head++)
            {
                int shared = head * _facts.KvHeads / _facts.Heads;
                int first = architecture.Windows[layer] is { } window ? Math.Max(0, i - window + 1) : 0;
                double[] scores = [.. Enumerable.Range(first, i - first + 1).Select(j => Dot(q, (i * _facts.Heads) + head, k, (j * _facts.KvHeads) + shared) / Math.Sqrt(width))];
                double[] powers = [.. scores.Select(score => Math.Exp(score - scores.Max()))];
                for (int d = 0; d < width; d++)
                {
                    mixed[(((i * _facts.Heads) + head) * width) + d] =
                        powers.Select((p, n) => p * v[((((first + n) * _facts.KvHeads) + shared) * width) + d]).Sum() / powers.Sum();
                }
            }
        }

        return Project(mixed, WeightNames.Layer(layer, "self_attn.o_proj"), _facts.Heads * width);

        double[] Heads(string name, int heads, bool rotated)
        {
            double[] projected = Project(input, WeightNames.Layer(layer, $"self_attn.{name}_proj"), _facts.HiddenSize);
            if (!rotated) return projected;
            if (architecture.QkNorm) projected = Norm(projected, WeightNames.Layer(layer, $"self_attn.{name}_norm.weight"), width);
            return Rotate(projected, heads);
        }

        double Dot(double[] a, int rowA, double[] b, int rowB) => Enumerable.Range(0, width).Sum(d => a[(rowA * width) + d] * b[(rowB * width) + d]);
    }

    private double[] Rotate(double[] values, int heads)
    {
        int width = _facts.HeadDim;
        int half = width / 2;
        var result = new double[values.Length];
        for (int row = 0; row < values.Length / width; row++)
        {
            for (int j = 0; j < half; j++)
            {
                double angle = row / heads * Math.Pow(architecture.Rope.Theta, -2.0 * j / width);
                double first = values[(row * width) + j];
                double second = values[(row * width) + half + j];
                result[(row * width) + j] = (first * Math.Cos(angle)) - (second * Math.Sin(angle));
                result[(row * width) + half + j] = (second * Math.Cos(angle)) + (first * Math.Sin(angle));
            }
        }

        return result;
    }
}
