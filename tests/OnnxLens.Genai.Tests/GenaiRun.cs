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

    /// <summary>An output of the last run, row-major.</summary>
    public static float[] Output(Generator generator, string name)
    {
        using Tensor tensor = generator.GetOutput(name);
        return tensor.GetData<float>().ToArray();
    }
}
