using System.Collections.Immutable;
using OnnxLens.Eval.Extraction;

namespace OnnxLens.Reports.Extraction;

/// <summary>The tidy table of extracted vectors: one row per hook point.</summary>
internal static class ExtractionTable
{
    private const string BetweenWarnings = " ";

    private static readonly ImmutableArray<Column> Columns =
    [
        Column.Text("site"), Column.Whole("layer"), Column.Whole("pairs"), Column.Float64("norm"), Column.Float64("agreement"),
        Column.Whole("held_out_pairs"), Column.Float64("held_out_auc"), Column.Float64("held_out_accuracy"), Column.Float64("letter_norm"),
        Column.Float64("singular_ratio"), Column.Text("warnings"),
    ];

    /// <summary>Writes the rows.</summary>
    internal static void Write(IRowSink sink, IReadOnlyList<ExtractionQuality> qualities)
    {
        sink.BeginTable(Columns);
        foreach (ExtractionQuality quality in qualities)
        {
            sink.Place(quality.Point);
            sink.Whole(quality.Pairs);
            sink.Real(quality.Norm);
            sink.Real(quality.Agreement);
            sink.Whole(quality.HeldOutPairs);
            sink.Optional(quality.HeldOutAuc);
            sink.Optional(quality.HeldOutAccuracy);
            sink.Optional(quality.LetterNorm);
            sink.Optional(quality.SingularRatio);
            sink.Text(string.Join(BetweenWarnings, quality.Warnings));
            sink.EndRow();
        }
    }
}
