using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Lens;

namespace OnnxLens.Reports;

/// <summary>The three tidy tables of a lens report: one row per cell, per top token, per target. Positions outer, hook points inner.</summary>
internal sealed class LensTables
{
    private static readonly ImmutableArray<Column> CellColumns =
    [
        Column.Whole("sequence"), Column.Whole("position"), Column.Text("phase"), Column.Whole("token_id"), Column.Text("token"),
        Column.Text("site"), Column.Whole("layer"), Column.WholeOrNone("top1_id"), Column.Float32("top1_logprob"),
        Column.Float32("logsumexp"), Column.Float32("entropy"), Column.Float32("kl_final_lens"), Column.WholeOrNone("next_id"),
        Column.Float32("next_logprob"), Column.WholeOrNone("next_rank"),
    ];

    private static readonly ImmutableArray<Column> TopColumns =
    [
        Column.Whole("sequence"), Column.Whole("position"), Column.Text("site"), Column.Whole("layer"), Column.Whole("rank"),
        Column.Whole("id"), Column.Text("token"), Column.Float32("logprob"), Column.Float32("prob"),
    ];

    private static readonly ImmutableArray<Column> TargetColumns =
    [
        Column.Whole("sequence"), Column.Whole("position"), Column.Text("site"), Column.Whole("layer"), Column.Whole("target_id"),
        Column.Text("target"), Column.Float32("logprob"), Column.WholeOrNone("rank"),
    ];

    private readonly LensReport _report;
    private readonly LensGrid _grid;
    private readonly Dictionary<int, string> _texts = [];

    internal LensTables(LensReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        report.Validate();
        _report = report;
        _grid = report.Grid;
    }

    /// <summary>The name of the table that only reports with targets have.</summary>
    internal const string OfTargets = "targets";

    /// <summary>All tables that a report can have.</summary>
    internal static ImmutableArray<ReportTable<LensTables>> Parts { get; } =
    [
        new("cells", (tables, sink) => tables.Cells(sink)),
        new("topk", (tables, sink) => tables.Top(sink)),
        new(OfTargets, (tables, sink) => tables.Targets(sink), tables => !tables._grid.Targets.IsEmpty),
    ];

    /// <summary>Their names.</summary>
    internal static ImmutableArray<string> Names { get; } = Parts.Names();

    /// <summary>The tables that this report has.</summary>
    internal IEnumerable<NamedTable> All => Parts.Of(this);

    /// <summary>The name of a phase in files.</summary>
    internal static string Name(TokenPhase phase) => phase == TokenPhase.Prompt ? "prompt" : "generated";

    /// <summary>One row per cell.</summary>
    internal void Cells(IRowSink sink)
    {
        Begin(sink, CellColumns);
        foreach ((int position, HookPoint point, int cell) in GridCells())
        {
            ReportToken token = _report.Tokens[position];
            ReportToken? next = position + 1 < _report.Tokens.Length ? _report.Tokens[position + 1] : null;
            Place(sink, position);
            sink.Text(Name(token.Phase));
            sink.Whole(token.Id);
            sink.Text(token.Text);
            sink.Text(point.Site.Name());
            sink.Whole(point.Layer);
            sink.Index(_grid.TopIds[cell * _grid.TopK]);
            sink.Real(_grid.TopLogProbs[cell * _grid.TopK]);
            sink.Real(_grid.LogSumExp[cell]);
            sink.Real(_grid.Entropy[cell]);
            sink.Real(_grid.KlFinalLens[cell]);
            sink.Whole(next?.Id);
            sink.Real(next is null ? float.NaN : _grid.NextLogProbs[cell]);
            sink.Index(next is null ? -1 : _grid.NextRanks[cell]);
            sink.EndRow();
        }
    }

    /// <summary>One row per top token of a cell. Ranks that the vocabulary is too small to fill have none.</summary>
    internal void Top(IRowSink sink)
    {
        Begin(sink, TopColumns);
        foreach ((int position, HookPoint point, int cell) in GridCells())
        {
            for (int rank = 0; rank < _grid.TopK; rank++)
            {
                int id = _grid.TopIds[(cell * _grid.TopK) + rank];
                float logProb = _grid.TopLogProbs[(cell * _grid.TopK) + rank];
                if (id < 0)
                    continue;
                Place(sink, position, point);
                sink.Whole(rank);
                sink.Whole(id);
                sink.Text(TextOf(id));
                sink.Real(logProb);
                sink.Real(MathF.Exp(logProb));
                sink.EndRow();
            }
        }
    }

    /// <summary>One row per target of a cell.</summary>
    internal void Targets(IRowSink sink)
    {
        Begin(sink, TargetColumns);
        foreach ((int position, HookPoint point, int cell) in GridCells())
        {
            for (int target = 0; target < _grid.Targets.Length; target++)
            {
                int index = (cell * _grid.Targets.Length) + target;
                Place(sink, position, point);
                sink.Whole(_grid.Targets[target]);
                sink.Text(TextOf(_grid.Targets[target]));
                sink.Real(_grid.TargetLogProbs[index]);
                sink.Index(_grid.TargetRanks[index]);
                sink.EndRow();
            }
        }
    }

    private void Begin(IRowSink sink, ImmutableArray<Column> columns) =>
        sink.BeginTable(_report.Name is null ? columns : columns.Insert(0, Column.Text("prompt")));

    private void Place(IRowSink sink, int position)
    {
        if (_report.Name is not null)
            sink.Text(_report.Name);
        sink.Whole(_report.Sequence);
        sink.Whole(position);
    }

    private void Place(IRowSink sink, int position, HookPoint point)
    {
        Place(sink, position);
        sink.Place(point);
    }

    private IEnumerable<(int Position, HookPoint Point, int Cell)> GridCells()
    {
        for (int s = 0; s < _grid.Positions.Length; s++)
        {
            for (int p = 0; p < _grid.Points.Length; p++)
                yield return (_grid.Positions[s], _grid.Points[p], _grid.CellIndex(p, s));
        }
    }

    private string TextOf(int id)
    {
        if (!_texts.TryGetValue(id, out string? text))
            _texts.Add(id, text = _report.TokenText(id));
        return text;
    }
}
