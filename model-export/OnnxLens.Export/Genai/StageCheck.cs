namespace OnnxLens.Export.Genai;

/// <summary>Follows the values from stage to stage of a pipeline.</summary>
internal sealed class StageCheck(GenaiConfig config, List<string> findings)
{
    private readonly GenaiNames _names = new(config);
    private readonly HashSet<string> _given = new(new GenaiNames(config).Inputs, StringComparer.Ordinal);
    private readonly List<string> _read = [];
    private readonly List<string> _made = [];
    private GenaiConfig.StagePart? _last;

    /// <summary>Takes the next stage.</summary>
    public void Add(GenaiConfig.StagePart stage, GenaiGraph graph)
    {
        GenaiFolder.Compare($"{stage.Filename}: input", stage.Inputs, graph.Inputs, findings);
        GenaiFolder.Compare($"{stage.Filename}: output", stage.Outputs, graph.Outputs, findings);
        _names.CheckShapes(graph, findings);
        findings.AddRange(stage.Inputs.Where(input => !_given.Contains(input)).Select(
            input => $"{stage.Filename}: input '{input}' comes neither from the runtime nor from an earlier stage."));
        _given.UnionWith(stage.Outputs);
        _read.AddRange(stage.Inputs);
        _made.AddRange(stage.Outputs);
        _last = stage;
    }

    /// <summary>Looks at all of them together.</summary>
    public void End()
    {
        findings.AddRange(_names.Pasts.Where(name => _read.Count(read => read == name) != 1).Select(name => $"pipeline: input '{name}' is read by {_read.Count(read => read == name)} stages; expected one."));
        findings.AddRange(_names.Outputs.Where(name => _made.Count(made => made == name) != 1).Select(name => $"pipeline: output '{name}' is given by {_made.Count(made => made == name)} stages; expected one."));
        if (_last is null || !_last.RunOnPrompt || !_last.RunOnTokenGen || !_last.Outputs.Contains(config.Model.Decoder.Outputs.Logits))
        {
            findings.Add($"pipeline: the last stage must give '{config.Model.Decoder.Outputs.Logits}', for the prompt and for each new token.");
        }

        if (config.Model.Type != GenaiConfig.PipelineType)
        {
            findings.Add($"model: 'type' is '{config.Model.Type}'; a pipeline is run only where it is '{GenaiConfig.PipelineType}'.");
        }
    }
}
