using System.CommandLine;
using System.Globalization;
using OnnxLens.Cli.Models;
using OnnxLens.Generation;

namespace OnnxLens.Cli.Commands;

/// <summary>The options that say how tokens are chosen and when to stop.</summary>
/// <param name="topKName">The name of the sampler's top-k: in the lens command, <c>--top-k</c> is that of the lens.</param>
internal sealed class SamplingOptionSet(string topKName)
{
    private static readonly GenerationOptions Defaults = new();

    private readonly Option<float?> _temperature = Options.Number("--temperature", "Sample at this temperature; 0 takes the most likely token every time (default).");
    private readonly Option<int?> _topK = Options.Count(topKName, "Sample from the k most likely tokens; 0 is all (default).", least: 0);
    private readonly Option<float?> _topP = Options.Number("--top-p", "Sample from the most likely tokens that together have this probability; 1 is all (default).");
    private readonly Option<float?> _minP = Options.Number("--min-p", "Sample from tokens at least this fraction as likely as the most likely one; 0 is all (default).");
    private readonly Option<float?> _penalty = Options.Number("--repetition-penalty", "Weaken tokens that occurred already; 1 is off (default).");
    private readonly Option<ulong?> _seed = Options.Seed("--seed", "Seed of the sampler; the same seed gives the same tokens. Default: 0.");
    private readonly Option<string[]> _stopTexts = Options.Texts("--stop", "TEXT", "Stop before this text. Several may follow.", severalAtOnce: true);
    private readonly Option<string[]> _stopIds = Options.Texts("--stop-id", "ID", "Stop at this token id. Several may follow.", severalAtOnce: true);
    private readonly Option<bool> _ignoreEos = Options.Switch("--ignore-eos", "Go on after the ids that end a text.");

    private IEnumerable<Option> All => [_temperature, _topK, _topP, _minP, _penalty, _seed, _stopTexts, _stopIds, _ignoreEos];

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in All)
        {
            command.Add(option);
        }
    }

    /// <summary>The name of the first option that is given, or null.</summary>
    public string? FirstGiven(ParseResult parsed) => All.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false })?.Name;

    /// <summary>Reads them.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="count">Tokens to generate; null where the user named no number.</param>
    /// <exception cref="UsageException">A value is out of range, or a stop id is no number.</exception>
    public GenerationArguments Read(ParseResult parsed, int? count)
    {
        var options = new GenerationOptions
        {
            MaxNewTokens = count ?? Defaults.MaxNewTokens,
            Temperature = parsed.GetValue(_temperature) ?? Defaults.Temperature,
            TopK = parsed.GetValue(_topK) ?? Defaults.TopK,
            TopP = parsed.GetValue(_topP) ?? Defaults.TopP,
            MinP = parsed.GetValue(_minP) ?? Defaults.MinP,
            RepetitionPenalty = parsed.GetValue(_penalty) ?? Defaults.RepetitionPenalty,
            Seed = parsed.GetValue(_seed) ?? Defaults.Seed,
            StopTexts = [.. parsed.GetValue(_stopTexts) ?? []],
            StopIds = [.. (parsed.GetValue(_stopIds) ?? []).Select(ParseId)],
        };
        return UsageException.OfOption(() =>
        {
            options.Validate();
            RequireSampling(parsed, options);
            return new GenerationArguments(options, parsed.GetValue(_ignoreEos), count is not null);
        });
    }

    private void RequireSampling(ParseResult parsed, GenerationOptions options)
    {
        Option[] ofSampling = [_topK, _topP, _minP, _seed];
        if (parsed.GetValue(_temperature) is null && options.IsGreedy && Array.Find(ofSampling, option => parsed.GetResult(option) is { Implicit: false }) is { } idle)
        {
            throw new UsageException($"'{idle.Name}' says how to sample, but without --temperature the most likely token is taken every time. Give --temperature too, or leave it out.");
        }
    }

    private static int ParseId(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            ? id
            : throw new UsageException($"'{text}' after --stop-id is no token id. Write a whole number.");
}
