using System.CommandLine;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Export.Families;
using OnnxLens.Export.Quantization;

namespace OnnxLens.Cli.Commands;

/// <summary>The options of an export that say in which arithmetic a model runs, and in how many bits its weights are stored.</summary>
internal sealed class PrecisionOptionSet
{
    private const string Name = "--precision";

    private readonly Option<string?> _precision = Options.Text(Name, "TYPE", "Arithmetic: auto (default), fp32, fp16, bf16. Or int4, int8: quantised weights, arithmetic as auto.");
    private readonly Option<int?> _blockSize = Options.Count("--block-size", $"int4, int8: weights that share a scale, a power of two from {QuantizationForms.LeastBlockSize} to {QuantizationForms.MostBlockSize}. Default: {QuantizationForms.DefaultBlockSize}.");
    private readonly Option<int?> _accuracyLevel = Options.Count("--accuracy-level", $"int4, int8: {QuantizationForms.FastLevel} lets a runtime round activations to int8 (default), {QuantizationForms.ExactLevel} does not.");
    private readonly Option<bool> _asymmetric = Options.Switch("--asymmetric", "int4, int8: a zero point for each block. Default: symmetric.");
    private readonly Option<string?> _quantize = Options.Text("--quantize", "WHAT", "int4, int8: blocks (default), or all: embedding and LM head as well.");

    /// <summary>The values of the option: arithmetic, <c>auto</c> first, then forms of quantised weights.</summary>
    public static IEnumerable<string> Types => [.. Enum.GetValues<Precision>().Select(precision => precision.Name()), "int4", "int8"];

    private IEnumerable<Option> Forms => [_blockSize, _accuracyLevel, _asymmetric, _quantize];

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_precision);
        foreach (Option option in Forms)
        {
            command.Add(option);
        }
    }

    /// <summary>The same export in the precision asked for.</summary>
    /// <exception cref="UsageException">A value is none, or belongs to quantised weights, which are not asked for.</exception>
    public ExportOptions Apply(ExportOptions options, ParseResult parsed) => UsageException.OfOption(() =>
    {
        string? type = parsed.GetValue(_precision);
        if (Bits(type) is not int bits)
        {
            string? given = Forms.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false })?.Name;
            return given is null
                ? options with { Precision = type is null ? default : Parse(type) }
                : throw new UsageException($"'{given}' says how weights are quantised, and none are. Add '{Name} int4' or '{Name} int8', or leave it out.");
        }

        Quantization form = QuantizationForms.Default(bits);
        form = form with
        {
            BlockSize = parsed.GetValue(_blockSize) ?? form.BlockSize,
            AccuracyLevel = parsed.GetValue(_accuracyLevel) ?? form.AccuracyLevel,
            Symmetric = !parsed.GetValue(_asymmetric),
        };
        QuantizationForms.Validate(form);
        return options with
        {
            Quantization = form,
            QuantizationScope = parsed.GetValue(_quantize) is string what ? QuantizationScopes.Parse(what) : default,
        };
    });

    private static int? Bits(string? type) => type switch
    {
        "int4" => 4,
        "int8" => 8,
        _ => null,
    };

    private static Precision Parse(string type)
    {
        try
        {
            return Precisions.Parse(type);
        }
        catch (SelectionException exception)
        {
            throw new UsageException($"{exception.Message} Quantised weights are: int4, int8.");
        }
    }
}
