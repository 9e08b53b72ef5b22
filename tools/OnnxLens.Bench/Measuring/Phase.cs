namespace OnnxLens.Bench.Measuring;

/// <summary>The parts of a job, in the order in which they come. A job has steps in some of them.</summary>
internal enum Phase
{
    /// <summary>The prompt is run and the first token chosen: one step.</summary>
    Prompt,

    /// <summary>Positions of the prompt are decoded one by one, where that is how it is done.</summary>
    PromptRows,

    /// <summary>A step for every further token.</summary>
    Tokens,

    /// <summary>What was captured is decoded, in pieces.</summary>
    Lens,
}
