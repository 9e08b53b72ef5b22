using System.Globalization;
using System.Runtime.InteropServices;
using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Quantization;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Quantization;

/// <summary>Our numbers, scales and zero points against those that other exporters' quantisers made of the same checkpoint.</summary>
[TestClass]
public sealed class GoldenQuantizationTests
{
    public TestContext TestContext { get; set; } = null!;

    /// <summary>The default quantiser of ONNX Runtime and ours have one rule, and write the same bytes.</summary>
    [TestMethod]
    [DataRow("genai-int4-llama-gqa")]
    [DataRow("genai-int4-acc1-llama-gqa")]
    [DataRow("genai0.9.2-int4-llama-gqa")]
    [DataRow("genai0.5.2-int4-llama-gqa")]
    [DataRow("optimum-q4-llama-gqa")]
    [DataRow("genai-int8-llama-gqa")]
    [DataRow("genai-int4-block64-asym-llama-gqa")]
    public void Quantize_ExportOfTheSameRule_EveryByteAgrees(string folder)
    {
        Agreement agreement = Compare(folder);
        Assert.AreEqual((1.0, 1.0, 1.0), (agreement.Numbers, agreement.Scales, agreement.ZeroPoints), agreement.ToString());
    }

    /// <summary>
    /// Neural Compressor's round-to-nearest spreads ± the largest magnitude over 15 steps, so its steps are 16/15 of ours, and its scales
    /// are positive; k-quant searches for scales. Either way a weight comes back within a step or so of ours.
    /// </summary>
    [TestMethod]
    [DataRow("genai-int4-rtn-llama-gqa", 15.0 / 16, 15.0 / 16, 1.0)]
    [DataRow("genai-int4-kquant-mixed-block16-llama-gqa", 0.5, 1.5, 2.0)]
    public void Quantize_ExportOfAnotherRule_ReadsBackNear(string folder, double leastScale, double mostScale, double steps)
    {
        Agreement agreement = Compare(folder);
        Assert.IsLessThan(1, agreement.Numbers);
        Assert.IsLessThan(0.01, agreement.Scales);
        Assert.IsInRange(leastScale - 1e-6, mostScale + 1e-6, agreement.LeastScaleRatio);
        Assert.IsInRange(leastScale - 1e-6, mostScale + 1e-6, agreement.MostScaleRatio);
        Assert.IsLessThanOrEqualTo(steps, agreement.MostSteps);
    }

    private Agreement Compare(string folder)
    {
        string export = SharedData.Require($"golden/onnx/{folder}");
        Checkpoint checkpoint = CheckpointReader.Read(SharedData.Require("golden/hf/llama-gqa/checkpoint"));
        ModelProto model = OnnxModelFile.Read(Path.Combine(export, "model.onnx"));
        var agreement = new Agreement();
        foreach (NodeProto node in model.Graph.Node.Where(node => node.OpType == "MatMulNBits"))
        {
            if (Weights(checkpoint, node) is { } weights)
            {
                int columns = (int)node.Attribute.Single(attribute => attribute.Name == "K").I;
                agreement.Add(Theirs(export, model, node), weights, columns, Quantizations.Of(Alone(node)).Single());
            }
        }

        TestContext.WriteLine($"{folder}: {agreement}");
        Assert.IsGreaterThanOrEqualTo(20, agreement.Matrices);
        return agreement;
    }

    private static ModelProto Alone(NodeProto node)
    {
        var model = new ModelProto { Graph = new GraphProto() };
        model.Graph.Node.Add(node);
        return model;
    }

    /// <summary>The checkpoint's matrix behind a node, packed q, k and v one below the other; null for a head.</summary>
    private static float[]? Weights(Checkpoint checkpoint, NodeProto node)
    {
        int at = node.Name.IndexOf("layers.", StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        string[] parts = node.Name[at..].Split('/', '.');
        string prefix = $"model.layers.{parts[1]}.";
        string projection = parts[3];
        string[] names = projection == "qkv_proj" ? ["q_proj", "k_proj", "v_proj"] : [projection];
        string room = projection is "gate_proj" or "up_proj" or "down_proj" ? "mlp." : "self_attn.";
        var weights = new GoldenTensors(Path.Combine(checkpoint.Folder, "model.safetensors"));
        return [.. names.SelectMany(name => weights.Singles($"{prefix}{room}{name}.weight"))];
    }

    private static (byte[] Data, float[] Scales, byte[] ZeroPoints) Theirs(string export, ModelProto model, NodeProto node)
    {
        byte[] Bytes(string name)
        {
            TensorProto tensor = model.Graph.Initializer.Single(initializer => initializer.Name == name);
            return ExternalData.Read(tensor) is { } data
                ? File.ReadAllBytes(Path.Combine(export, data.Location)).AsSpan((int)data.Offset, (int)data.Length).ToArray()
                : tensor.RawData.ToByteArray();
        }

        return (Bytes(node.Input[1]), MemoryMarshal.Cast<byte, float>(Bytes(node.Input[2])).ToArray(), node.Input.Count > 3 && node.Input[3].Length > 0 ? Bytes(node.Input[3]) : []);
    }

    /// <summary>What part of the weights, scales and zero points are the same.</summary>
    private sealed class Agreement
    {
        private long _numbers;
        private long _sameNumbers;
        private long _scales;
        private long _sameScales;
        private long _zeroPoints;
        private long _sameZeroPoints;

        public int Matrices { get; private set; }

        /// <summary>The least of our scales ÷ theirs, in magnitude.</summary>
        public double LeastScaleRatio { get; private set; } = double.MaxValue;

        /// <summary>The largest.</summary>
        public double MostScaleRatio { get; private set; }

        /// <summary>The largest difference of weights read back, in steps of the coarser scale.</summary>
        public double MostSteps { get; private set; }

        public double Numbers => (double)_sameNumbers / _numbers;

        public double Scales => (double)_sameScales / _scales;

        public double ZeroPoints => _zeroPoints == 0 ? 1 : (double)_sameZeroPoints / _zeroPoints;

        public void Add((byte[] Data, float[] Scales, byte[] ZeroPoints) theirs, float[] weights, int columns, Bundles.Quantization form)
        {
            var ours = new QuantizedMatrix(weights, columns, form);
            Matrices++;
            _scales += ours.Scales.Length;
            _sameScales += ours.Scales.Zip(theirs.Scales, (a, b) => a == b ? 1 : 0).Sum();
            CompareZeroPoints(ours, theirs.ZeroPoints);
            CompareReadBack(ours, theirs);
            int rowNumbers = ours.Blocks * form.BlockSize;
            for (int i = 0; i < weights.Length; i++)
            {
                int index = (i / columns * rowNumbers) + (i % columns);
                _numbers++;
                _sameNumbers += Number(ours.Data, index, form.Bits) == Number(theirs.Data, index, form.Bits) ? 1 : 0;
            }
        }

        private void CompareReadBack(QuantizedMatrix ours, (byte[] Data, float[] Scales, byte[] ZeroPoints) theirs)
        {
            foreach (double ratio in ours.Scales.Zip(theirs.Scales, (a, b) => (double)Math.Abs(a) / Math.Abs(b)))
            {
                LeastScaleRatio = Math.Min(LeastScaleRatio, ratio);
                MostScaleRatio = Math.Max(MostScaleRatio, ratio);
            }

            double[] mine = ours.Weights();
            double[] other = ReferenceDequantizer.Weights(theirs.Data, theirs.Scales, theirs.ZeroPoints, ours.Columns, ours.Form.Bits, ours.Form.BlockSize);
            for (int i = 0; i < mine.Length; i++)
            {
                int block = (i / ours.Columns * ours.Blocks) + (i % ours.Columns / ours.Form.BlockSize);
                MostSteps = Math.Max(MostSteps, Math.Abs(mine[i] - other[i]) / Math.Max(Math.Abs(ours.Scales[block]), Math.Abs(theirs.Scales[block])));
            }
        }

        /// <summary>Half of a row's last byte may be nobody's.</summary>
        private void CompareZeroPoints(QuantizedMatrix ours, byte[] theirs)
        {
            int rowBytes = ours.ZeroPoints.Length / ours.Rows;
            for (int i = 0; i < (rowBytes == 0 ? 0 : ours.Rows * ours.Blocks); i++)
            {
                _zeroPoints++;
                _sameZeroPoints += ours.ZeroPoint(i / ours.Blocks, i % ours.Blocks) == Number(theirs[(i / ours.Blocks * rowBytes)..], i % ours.Blocks, ours.Form.Bits) ? 1 : 0;
            }
        }

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture, $"{Matrices} matrices; the same are {Numbers:P2} of the numbers, {Scales:P2} of the scales, {ZeroPoints:P2} of the zero points; our scales are {LeastScaleRatio:G6} to {MostScaleRatio:G6} of theirs; read back within {MostSteps:G4} steps");

        private static int Number(byte[] data, int index, int bits) => bits == 8 ? data[index] : (data[index / 2] >> (4 * (index & 1))) & 15;
    }
}
