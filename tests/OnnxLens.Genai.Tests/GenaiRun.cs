using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntimeGenAI;

namespace OnnxLens.Genai.Tests;

/// <summary>onnxruntime-genai on a folder, batch 1, greedy.</summary>
internal static class GenaiRun
{
    /// <summary>The ids that follow a prompt. An id that ends a text is the last of them.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="prompt">The prompt's ids.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="chunk">Tokens of the prompt to append at a time; 0 appends it whole.</param>
    /// <param name="shareBuffer">Whether past and present of the cache are one buffer.</param>
    /// <param name="start">Called before the prompt.</param>
    /// <param name="look">Called behind the prompt, before the first new token.</param>
    public static int[] Greedy(string folder, int[] prompt, int count, int chunk = 0, bool shareBuffer = true, Action<Generator>? start = null, Action<Generator>? look = null)
    {
        using var model = new Model(folder);
        using var parameters = new GeneratorParams(model);
        parameters.SetSearchOption("max_length", prompt.Length + count);
        parameters.SetSearchOption("past_present_share_buffer", shareBuffer);
        using var generator = new Generator(model, parameters);
        start?.Invoke(generator);
        foreach (int[] part in chunk == 0 ? [prompt] : prompt.Chunk(chunk)) generator.AppendTokens(part);
        look?.Invoke(generator);
        while (!generator.IsDone()) generator.GenerateNextToken();
        return generator.GetSequence(0)[prompt.Length..].ToArray();
    }

    /// <summary>The ids that follow each of several prompts, the shorter ones padded on the right.</summary>
    public static int[][] GreedyBatch(string folder, int[][] prompts, int count)
    {
        int length = prompts.Max(prompt => prompt.Length);
        int pad = JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, "genai_config.json")))!["model"]!["pad_token_id"]!.GetValue<int>();
        using var model = new Model(folder);
        using var parameters = new GeneratorParams(model);
        parameters.SetSearchOption("max_length", length + count);
        parameters.SetSearchOption("batch_size", prompts.Length);
        using var generator = new Generator(model, parameters);
        generator.AppendTokens([.. prompts.SelectMany(prompt => prompt.Concat(Enumerable.Repeat(pad, length - prompt.Length)))]);
        while (!generator.IsDone()) generator.GenerateNextToken();
        return [.. Enumerable.Range(0, prompts.Length).Select(row => generator.GetSequence((ulong)row)[length..].ToArray())];
    }

    /// <summary>An output of the last run, row-major.</summary>
    public static float[] Output(Generator generator, string name)
    {
        using Tensor tensor = generator.GetOutput(name);
        return tensor.GetData<float>().ToArray();
    }
}
