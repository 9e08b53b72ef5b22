using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Graphs;

/// <summary>
/// What is read out of the logits L [N,V] of N rows. With p = softmax(L):
/// logsumexp = max L − log max p; entropy = logsumexp − Σ p·L; KL(f‖row) = (logsumexp_row − Σ p_f·L_row) − entropy_f,
/// which is exactly 0 for the final row itself.
/// </summary>
internal sealed class Readouts
{
    private readonly GraphBuilder _graph;
    private readonly Value _logits;
    private readonly Value _probabilities;
    private readonly Value _total;
    private readonly Value _logSumExp;

    private Readouts(GraphBuilder graph, Value logits)
    {
        _graph = graph;
        _logits = logits;
        _probabilities = Float("Softmax", [logits], logits.Shape, "Softmax", null, Attributes.Int("axis", -1));
        _total = Total();
        _logSumExp = LogSumExp();
    }

    private static TensorShape PerRow { get; } = new(Dimensions.Rows);

    private Dimension Vocabulary => _logits.Shape[1];

    /// <summary>Emits every read-out and declares the outputs.</summary>
    public static void Emit(GraphBuilder graph, Value logits)
    {
        var readouts = new Readouts(graph, logits);
        graph.Output(logits);
        Value column = readouts.Float("Unsqueeze", [readouts._logSumExp, graph.Ints(1)], new TensorShape(Dimensions.Rows, 1), "logsumexp/Column");
        readouts.Top(column);
        readouts.Targets(column);
        readouts.Divergence(readouts.Entropy());
    }

    /// <summary>What the probabilities of each row add up to: 1 but for rounding, which the read-outs divide out again.</summary>
    private Value Total() => SumOverVocabulary(_probabilities, "total");

    private Value LogSumExp()
    {
        Value topLogit = Float("ReduceMax", [_logits, _graph.Ints(1)], PerRow, "logsumexp/TopLogit", null, Attributes.Int("keepdims", 0));
        Value topProbability = Float("ReduceMax", [_probabilities, _graph.Ints(1)], PerRow, "logsumexp/TopProbability", null, Attributes.Int("keepdims", 0));
        Value share = Float("Div", [topProbability, _total], PerRow, "logsumexp/Div");
        Value log = Float("Log", [share], PerRow, "logsumexp/Log");
        Value logSumExp = Float("Sub", [topLogit, log], PerRow, "logsumexp/Sub", HeadPorts.LogSumExp);
        _graph.Output(logSumExp);
        return logSumExp;
    }

    private Value Entropy()
    {
        Value products = Float("Mul", [_probabilities, _logits], _logits.Shape, "entropy/Products");
        Value expected = Float("Div", [SumOverVocabulary(products, "entropy"), _total], PerRow, "entropy/Expected");
        Value entropy = Float("Sub", [_logSumExp, expected], PerRow, "entropy/Sub", HeadPorts.Entropy);
        _graph.Output(entropy);
        return entropy;
    }

    /// <summary>
    /// The sum of each row of [N,V], as [N]. In two steps, over runs of about √V and then over the runs:
    /// adding a whole vocabulary one by one in single precision would cost a digit.
    /// </summary>
    private Value SumOverVocabulary(Value values, string scope)
    {
        long size = Vocabulary.Size ?? 0;
        long runs = (long)Math.Sqrt(size);
        while (size % runs != 0) runs--;

        var byRun = new TensorShape(Dimensions.Rows, runs, size / runs);
        Value split = Float("Reshape", [values, _graph.Ints(-1, runs, size / runs)], byRun, scope + "/Runs");
        Value sums = Float("ReduceSum", [split, _graph.Ints(2)], new TensorShape(Dimensions.Rows, runs), scope + "/RunSums", null, Attributes.Int("keepdims", 0));
        return Float("ReduceSum", [sums, _graph.Ints(1)], PerRow, scope + "/Sum", null, Attributes.Int("keepdims", 0));
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

    private void Divergence(Value entropy)
    {
        var groups = new TensorShape(Dimensions.Groups);
        var byGroup = new TensorShape(Dimensions.Groups, Dimensions.RowsPerGroup);
        Value finalRows = _graph.Input(HeadPorts.FinalRows, ElementType.Int64, groups);
        Value count = Node("Shape", [finalRows], ElementType.Int64, TensorShape.Of(1), "kl/Shape");
        Value rowsShape = Node("Concat", [count, _graph.Ints(-1)], ElementType.Int64, TensorShape.Of(2), "kl/RowsShape", Attributes.Int("axis", 0));
        Value logitsShape = Node("Concat", [count, _graph.Ints(-1), Node("Shape", [_logits], ElementType.Int64, TensorShape.Of(1), "kl/Vocabulary", Attributes.Int("start", 1))], ElementType.Int64, TensorShape.Of(3), "kl/LogitsShape", Attributes.Int("axis", 0));

        var all = new TensorShape(Dimensions.Groups, Dimensions.RowsPerGroup, Vocabulary);
        Value logits = Float("Reshape", [_logits, logitsShape], all, "kl/Logits");
        Value final = Float("Gather", [_probabilities, finalRows], new TensorShape(Dimensions.Groups, Vocabulary), "kl/Final", null, Attributes.Int("axis", 0));
        Value finalRow = Float("Unsqueeze", [final, _graph.Ints(1)], new TensorShape(Dimensions.Groups, 1, Vocabulary), "kl/FinalRow");
        Value products = Float("Mul", [logits, finalRow], all, "kl/Products");
        Value sums = Float("Reshape", [SumOverVocabulary(products, "kl"), rowsShape], byGroup, "kl/Sums");
        Value expected = Float("Div", [sums, FinalOf(_total, finalRows, "kl/Total")], byGroup, "kl/Expected");
        Value lse = Float("Reshape", [_logSumExp, rowsShape], byGroup, "kl/LogSumExp");
        Value cross = Float("Sub", [lse, expected], byGroup, "kl/CrossEntropy");
        Value kl = Float("Sub", [cross, FinalOf(entropy, finalRows, "kl/Entropy")], byGroup, "kl/Sub");
        _graph.Output(Float("Reshape", [kl, _graph.Ints(-1)], PerRow, "kl/Rows", HeadPorts.Kl));
    }

    /// <summary>A value per row, taken at each group's final row: [P,1].</summary>
    private Value FinalOf(Value perRow, Value finalRows, string scope)
    {
        Value final = Float("Gather", [perRow, finalRows], finalRows.Shape, scope + "/Gather", null, Attributes.Int("axis", 0));
        return Float("Unsqueeze", [final, _graph.Ints(1)], new TensorShape(Dimensions.Groups, 1), scope + "/Column");
    }

    private Value Float(string op, ReadOnlySpan<Value?> inputs, TensorShape shape, string label, string? output = null, params ReadOnlySpan<AttributeProto> attributes) =>
        _graph.Node(op, inputs, ElementType.Float, shape, output, label, attributes);

    private Value Node(string op, ReadOnlySpan<Value?> inputs, ElementType type, TensorShape shape, string label, params ReadOnlySpan<AttributeProto> attributes) =>
        _graph.Node(op, inputs, type, shape, null, label, attributes);
}
