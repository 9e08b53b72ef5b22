using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Cli.Models;

namespace OnnxLens.Cli.Rendering;

/// <summary>Prints what a model is as lines of name and value.</summary>
internal static class InfoPrinter
{
    private const int NameWidth = 18;

    /// <summary>Prints.</summary>
    public static void Print(TextWriter output, ModelInfo info)
    {
        void Line(string name, FormattableString value) =>
            output.WriteLine($"{name.PadRight(NameWidth)}{VisibleText.ForTerminal(value.ToString(CultureInfo.InvariantCulture))}");

        ModelFacts facts = info.Facts;
        Line(info.Kind, $"{info.Folder}");
        Line("family", $"{facts.Family}");
        Line("layers", $"{facts.Layers}");
        Line("hidden size", $"{facts.HiddenSize}{(facts.IntermediateSize is int width ? $", MLP {width}" : "")}");
        Line("attention", $"{facts.Heads} heads, {facts.KvHeads} KV heads, head width {facts.HeadDim}");
        Line("vocabulary", $"{facts.VocabularySize}{(facts.TiedEmbedding ? ", tied embedding" : "")}");
        Line("length", $"up to {facts.MaxLength} tokens; the model was trained for {facts.ContextLength}");
        Line("ends at ids", $"{(facts.EndOfSequenceIds.IsEmpty ? "none" : string.Join(", ", facts.EndOfSequenceIds))}");
        Line("precision", $"{(info.WeightType is null ? info.Precision : $"weights in {info.WeightType}; exported for the CPU in {info.Precision}")}");
        foreach (Quantization form in info.Quantization)
        {
            Line("quantised", $"{form.Describe()}");
        }

        Line("sites", $"{string.Join(", ", info.Sites.Select(site => site.Name()))}");
        Line("steerable", $"{string.Join(", ", info.Sites.Where(site => site.IsSteerable()).Select(site => site.Name()))}");
        foreach (ShardEntry shard in info.Shards)
        {
            Line("shard", $"{shard.File}: layers {shard.FirstLayer} to {shard.FirstLayer + shard.LayerCount - 1} on {shard.Device}");
        }

        if (info.Onnx is not null)
        {
            OnnxPrinter.Print(info.Onnx, Line);
        }

        if (info.HeadDevice is not null)
        {
            Line("LM head", $"on {info.HeadDevice}");
        }

        Line("tokenizer", $"{Tokenizer(info)}");
        PrintMemory(info.Memory, facts, Line);
        PrintHashes(info, Line);
    }

    private static string Tokenizer(ModelInfo info) => info switch
    {
        { Tokenizer: var (hash, size) } => string.Create(CultureInfo.InvariantCulture, $"{size} tokens, sha256 {hash}"),
        { TokenizerError: string error } => $"cannot be read: {error}",
        _ => "none; prompts are given as ids with --tokens",
    };

    private static void PrintMemory(MemoryEstimate memory, ModelFacts facts, Action<string, FormattableString> line)
    {
        line("parameters", $"{memory.Parameters}");
        line("memory: weights", $"{ByteSize.Of(memory.WeightBytes)}");
        if (memory.CacheBytesPerToken > 0)
        {
            line("memory: KV cache", $"{ByteSize.Of(memory.CacheBytesPerToken)} per token, {ByteSize.Of(memory.CacheBytesAtMaxLength)} for {facts.MaxLength}");
        }

        line("memory: capture", $"{ByteSize.Of(memory.CaptureBytesPerToken)} per hook point and token");
        line("memory: LM head", $"{ByteSize.Of(memory.HeadCallBytes)} for a call of {memory.HeadRows} rows");
    }

    private static void PrintHashes(ModelInfo info, Action<string, FormattableString> line)
    {
        if (info.Hash is not null)
        {
            line("written by", $"{info.Tool}");
            line("bundle sha256", $"{info.Hash}");
        }

        foreach (FileEntry file in info.Files)
        {
            line("file", $"{file.Name}: {ByteSize.Of(file.Bytes)}, sha256 {file.Sha256}{(file.Location is null ? "" : $", at {file.Location}")}");
        }
    }
}
