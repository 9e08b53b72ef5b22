using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Genai;

/// <summary>Cuts a graph at values that everything behind them depends on, so that it can be run with the weights of one piece in memory.</summary>
internal static class GraphPieces
{
    /// <summary>The pieces in the order they run. Each gives the value it was cut at, and the graph's outputs that it makes.</summary>
    /// <param name="model">The graph. Not changed.</param>
    /// <param name="cuts">Values in the order they are made. Those that the graph does not make are passed over.</param>
    public static IEnumerable<ModelProto> Of(ModelProto model, IReadOnlyList<string> cuts)
    {
        var view = new GraphView(model.Graph);
        string[] outputs = [.. model.Graph.Output.Select(output => output.Name)];
        var left = outputs.ToHashSet(StringComparer.Ordinal);
        string? start = null;
        foreach (string cut in cuts.Where(cut => view.Producer(cut) is not null))
        {
            yield return Piece(model, start, [cut], outputs, left);
            start = cut;
        }

        if (left.Count > 0) yield return Piece(model, start, [.. left], outputs, left);
    }

    private static ModelProto Piece(ModelProto model, string? start, string[] wanted, string[] outputs, HashSet<string> left)
    {
        ModelProto piece = model.Clone();
        if (start is not null) GraphEditor.MakeInput(piece, start);
        GraphEditor.SetOutputs(piece, wanted);
        var view = new GraphView(piece.Graph);
        GraphEditor.SetOutputs(piece, [.. wanted.Union(outputs.Where(output => view.Producer(output) is not null))]);
        left.ExceptWith(piece.Graph.Output.Select(output => output.Name));
        return piece;
    }
}
