using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Head;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Runtime;

/// <summary>Rows of 8 bits times an unembedding of 8 bits, in both of its forms.</summary>
[TestClass]
public sealed class CandidateGraphTests
{
    private const int Rows = 3;
    private const int Width = 64;
    private const int Vocabulary = 50;

    [TestMethod]
    public void Of_BothZeroPoints_AreTheSameNumbers()
    {
        using Unembedding unembedding = Unembedding.Open(LensModel.Read(TestBundles.Of(FixtureCheckpoints.Get("llama").Folder, 1)));
        var signed = QuantizedUnembedding.Of(unembedding, threads: 2, zeroPoint: 0);
        var unsigned = QuantizedUnembedding.Of(unembedding, threads: 2, zeroPoint: 128);

        Assert.AreSequenceEqual(signed.Weights.Select(number => (sbyte)number + 128).ToArray(), unsigned.Weights.Select(number => (int)number).ToArray());
        Assert.AreSequenceEqual(signed.Scales, unsigned.Scales);
        Assert.IsTrue(signed.Weights.Any(number => (sbyte)number is 127 or -127), "no number is as large as can be");
        Assert.AreEqual(128, unsigned.ZeroPoint);
    }

    /// <summary>The largest numbers there are, which a product that adds pairs in 16 bits cuts off.</summary>
    [TestMethod]
    public void AddTo_LargestNumbers_ScoresAreTheirSums()
    {
        byte zeroPoint = QuantizedUnembedding.BestZeroPoint;
        foreach (byte zero in new byte[] { 128, zeroPoint })
        {
            int[] numbers = [.. Enumerable.Range(0, Width * Vocabulary).Select(i => i % Vocabulary == 0 ? 127 : i % Vocabulary == 1 ? -127 : (i * 31 % 255) - 127)];
            float[] rows = [.. Enumerable.Range(0, Rows * Width).Select(i => i < Width ? 2f : i < 2 * Width ? -2f : (i * 17 % 41) - 20)];
            int[] scores = Scores([.. numbers.Select(number => (byte)(number + zero))], zero, rows);

            for (int i = 0; i < scores.Length; i++)
            {
                (int row, int token) = Math.DivRem(i, Vocabulary);
                float[] x = rows[(row * Width)..((row + 1) * Width)];
                float scale = x.Max(Math.Abs) / 127;
                int expected = Enumerable.Range(0, Width).Sum(column => (int)MathF.Round(x[column] / scale) * numbers[(column * Vocabulary) + token]);
                Assert.AreEqual(expected, scores[i], $"row {row}, token {token}, zero point {zero}");
            }
        }
    }

    private static int[] Scores(byte[] weights, byte zeroPoint, float[] rows)
    {
        const string Normed = "normed";
        var graph = new GraphProto { Name = "candidates", Input = { new ValueInfoProto { Name = Normed, Type = Type(ElementType.Float) } } };
        CandidateGraph.AddTo(graph, Normed, weights, zeroPoint, Vocabulary);
        graph.Output.Add(new ValueInfoProto { Name = CandidateGraph.Scores, Type = Type(ElementType.Int32) });
        var model = new ModelProto { IrVersion = 10, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 21 } } };
        using var session = new InferenceSession(model.ToByteArray());
        using var input = OrtValue.CreateTensorValueFromMemory(rows, [Rows, Width]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, [Normed], [input], [CandidateGraph.Scores]);
        return outputs[0].GetTensorDataAsSpan<int>().ToArray();
    }

    private static TypeProto Type(ElementType type) => new() { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type } };
}
