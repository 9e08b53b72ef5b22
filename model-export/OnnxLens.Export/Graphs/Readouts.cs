using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Graphs;

/// <summary>
/// What is read out of the logits L [N,V] of N rows. With p = softmax(L) and v, i the largest logit and its id:
/// logsumexp = v − log p[i]; entropy = logsumexp − Σ p·L; KL(f‖row) = (logsumexp_row − Σ p_f·L_row) − entropy_f.
/// </summary>
internal sealed class Readouts
{
    private readonly GraphBuilder _graph;
    private readonly Value _logits;

    private Readouts(GraphBuilder graph, Value logits)
    {
        _graph = graph;
        _logits = logits;
    }

    private Dimension Vocabulary => _logits.Shape[1];

    /// <summary>Emits every read-out and declares the outputs.</summary>
    public static void Emit(GraphBuilder graph, Value logits)
    {
        var readouts = new Readouts(graph, logits);
        graph.Output(logits);
        Value probabilities = readouts.Float("Softmax", [logits], logits.Shape, "Softmax", null, Attributes.Int("axis", -1));
        Value logSumExp = readouts.LogSumExp(probabilities);
        Value entropy = readouts.Entropy(probabilities, logSumExp);
        readouts.Top(logSumExp);
        readouts.Targets(logSumExp);
        readouts.Divergence(probabilities, logSumExp, entropy);
    }

    private Value LogSumExp(Value probabilities)
    {
        var column = new TensorShape(Dimensions.Rows, 1);
        Value topLogit = Float("ReduceMax", [_logits, _graph.Ints(1)], column, "logsumexp/TopLogit");
        Value topProbability = Float("ReduceMax", [probabilities, _graph.Ints(1)], column, "logsumexp/TopProbability");
        Value log = Float("Log", [topProbability], column, "logsumexp/Log");
        Value logSumExp = Float("Sub", [topLogit, log], column, "logsumexp/Sub");
        _graph.Output(Float("Squeeze", [logSumExp, _graph.Ints(1)], new TensorShape(Dimensions.Rows), "logsumexp/Squeeze", HeadPorts.LogSumExp));
        return logSumExp;
    }

    private Value Entropy(Value probabilities, Value logSumExp)
    {
        var single = new TensorShape(Dimensions.Rows, 1, 1);
        var row = new TensorShape(Dimensions.Rows, 1, Vocabulary);
        Value p = Float("Unsqueeze", [probabilities, _graph.Ints(1)], row, "entropy/Probabilities");
        Value l = Float("Unsqueeze", [_logits, _graph.Ints(1)], row, "entropy/Logits");
        Value dot = Float("com.microsoft:FusedMatMul", [p, l], single, "entropy/Expected", null, Attributes.Int("transB", 1));
        var flat = new TensorShape(Dimensions.Rows);
        Value expected = Float("Squeeze", [dot, _graph.Ints(1, 2)], flat, "entropy/Squeeze");
        Value entropy = Float("Sub", [_graph[HeadPorts.LogSumExp], expected], flat, "entropy/Sub", HeadPorts.Entropy);
        _graph.Output(entropy);
        return entropy;
    }

    private void Top(Value logSumExp)
    {
        Value k = _graph.Input(HeadPorts.K, ElementType.Int64, TensorShape.Of(1));
        var shape = new TensorShape(Dimensions.Rows, Dimensions.Top);
        Value[] top = _graph.MultiNode(
            "TopK",
            [_logits, k],
            [new Value("/topk/values", ElementType.Float, shape), new Value(HeadPorts.TopIds, ElementType.Int64, shape)],
            "topk/TopK",
            [Attributes.Int("axis", -1), Attributes.Int("largest", 1), Attributes.Int("sorted", 1)]);
        _graph.Output(top[1]);
        _graph.Output(Float("Sub", [top[0], logSumExp], shape, "topk/Sub", HeadPorts.TopLogProbs));
    }

    private void Targets(Value logSumExp)
    {
        var shape = new TensorShape(Dimensions.Rows, Dimensions.Targets);
        Value targets = _graph.Input(HeadPorts.Targets, ElementType.Int64, shape);
        Value logit = Float("GatherElements", [_logits, targets], shape, "targets/GatherElements", null, Attributes.Int("axis", 1));
        _graph.Output(Float("Sub", [logit, logSumExp], shape, "targets/Sub", HeadPorts.TargetLogProbs));
        Ranks(targets, logit);
    }

    private void Ranks(Value targets, Value logit)
    {
        var all = new TensorShape(Dimensions.Rows, Dimensions.Targets, Vocabulary);
        var column = new TensorShape(Dimensions.Rows, Dimensions.Targets, 1);
        Value l = Float("Unsqueeze", [_logits, _graph.Ints(1)], new TensorShape(Dimensions.Rows, 1, Vocabulary), "ranks/Logits");
        Value t = Float("Unsqueeze", [logit, _graph.Ints(2)], column, "ranks/Logit");
        Value id32 = Node("Cast", [targets], ElementType.Int32, targets.Shape, "ranks/ToInt32", Attributes.Int("to", (long)ElementType.Int32));
        Value id = Node("Unsqueeze", [id32, _graph.Ints(2)], ElementType.Int32, column, "ranks/Id");
        Value ids = VocabularyIds();
        Value higher = Node("Greater", [l, t], ElementType.Bool, all, "ranks/Greater");
        Value equal = Node("Equal", [l, t], ElementType.Bool, all, "ranks/Equal");
        Value lower = Node("Less", [ids, id], ElementType.Bool, all, "ranks/Less");
        Value tied = Node("And", [equal, lower], ElementType.Bool, all, "ranks/And");
        Value before = Node("Or", [higher, tied], ElementType.Bool, all, "ranks/Or");
        Value bytes = Node("Cast", [before], ElementType.Int8, all, "ranks/Cast", Attributes.Int("to", (long)ElementType.Int8));
        Value rank = Node("MatMulInteger", [bytes, Ones()], ElementType.Int32, column, "ranks/Count");
        Value flat = Node("Squeeze", [rank, _graph.Ints(2)], ElementType.Int32, new TensorShape(Dimensions.Rows, Dimensions.Targets), "ranks/Squeeze");
        _graph.Output(_graph.Node("Cast", [flat], ElementType.Int64, flat.Shape, HeadPorts.TargetRanks, "ranks/ToInt64", Attributes.Int("to", (long)ElementType.Int64)));
    }

    /// <summary>0, 1, … V−1 as int32. A constant to the runtime, too long to store.</summary>
    private Value VocabularyIds()
    {
        Value from = _graph.Constant("/constants/int32(0)", TensorShape.Scalar, 0);
        Value to = _graph.Constant("/constants/int32(V)", TensorShape.Scalar, (int)(Vocabulary.Size ?? 0));
        Value step = _graph.Constant("/constants/int32(1)", TensorShape.Scalar, 1);
        return Node("Range", [from, to, step], ElementType.Int32, new TensorShape(Vocabulary), "ranks/Ids");
    }

    /// <summary>A column of V ones, int8.</summary>
    private Value Ones()
    {
        Value one = _graph.Constant<sbyte>("/constants/int8(1)", TensorShape.Of(1, 1), 1);
        return Node("Expand", [one, _graph.Ints(Vocabulary.Size ?? 0, 1)], ElementType.Int8, new TensorShape(Vocabulary, 1), "ranks/Ones");
    }

    private void Divergence(Value probabilities, Value logSumExp, Value entropy)
    {
        var groups = new TensorShape(Dimensions.Groups);
        var byGroup = new TensorShape(Dimensions.Groups, Dimensions.RowsPerGroup);
        Value finalRows = _graph.Input(HeadPorts.FinalRows, ElementType.Int64, groups);
        Value count = Node("Shape", [finalRows], ElementType.Int64, TensorShape.Of(1), "kl/Shape");
        Value rowsShape = Node("Concat", [count, _graph.Ints(-1)], ElementType.Int64, TensorShape.Of(2), "kl/RowsShape", Attributes.Int("axis", 0));
        Value logitsShape = Node("Concat", [count, _graph.Ints(-1), Node("Shape", [_logits], ElementType.Int64, TensorShape.Of(1), "kl/Vocabulary", Attributes.Int("start", 1))], ElementType.Int64, TensorShape.Of(3), "kl/LogitsShape", Attributes.Int("axis", 0));

        Value logits = Float("Reshape", [_logits, logitsShape], new TensorShape(Dimensions.Groups, Dimensions.RowsPerGroup, Vocabulary), "kl/Logits");
        Value final = Float("Gather", [probabilities, finalRows], new TensorShape(Dimensions.Groups, Vocabulary), "kl/Final", null, Attributes.Int("axis", 0));
        Value finalColumn = Float("Unsqueeze", [final, _graph.Ints(1)], new TensorShape(Dimensions.Groups, 1, Vocabulary), "kl/FinalRow");
        Value dot = Float("com.microsoft:FusedMatMul", [logits, finalColumn], new TensorShape(Dimensions.Groups, Dimensions.RowsPerGroup, 1), "kl/Expected", null, Attributes.Int("transB", 1));
        Value expected = Float("Squeeze", [dot, _graph.Ints(2)], byGroup, "kl/Squeeze");
        Value lse = Float("Reshape", [logSumExp, rowsShape], byGroup, "kl/LogSumExp");
        Value cross = Float("Sub", [lse, expected], byGroup, "kl/CrossEntropy");
        Value own = Float("Gather", [entropy, finalRows], groups, "kl/Entropy", null, Attributes.Int("axis", 0));
        Value ownColumn = Float("Unsqueeze", [own, _graph.Ints(1)], new TensorShape(Dimensions.Groups, 1), "kl/EntropyColumn");
        Value kl = Float("Sub", [cross, ownColumn], byGroup, "kl/Sub");
        _graph.Output(Float("Reshape", [kl, _graph.Ints(-1)], new TensorShape(Dimensions.Rows), "kl/Rows", HeadPorts.Kl));
    }

    private Value Float(string op, ReadOnlySpan<Value?> inputs, TensorShape shape, string label, string? output = null, params ReadOnlySpan<AttributeProto> attributes) =>
        _graph.Node(op, inputs, ElementType.Float, shape, output, label, attributes);

    private Value Node(string op, ReadOnlySpan<Value?> inputs, ElementType type, TensorShape shape, string label, params ReadOnlySpan<AttributeProto> attributes) =>
        _graph.Node(op, inputs, type, shape, null, label, attributes);
}
