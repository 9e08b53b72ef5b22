namespace OnnxLens.Bundles;

/// <summary>Names of the LM head graph's inputs and outputs. N rows, V vocabulary, k top tokens, m targets, P groups of N/P rows.</summary>
public static class HeadPorts
{
    /// <summary>Input T [N,H]: residual rows before the final norm.</summary>
    public const string Hidden = "hidden";

    /// <summary>Input int64 [N,m], m ≥ 1: ids whose log-probability and rank are wanted, per row.</summary>
    public const string Targets = "targets";

    /// <summary>Input int64 [P], P divides N: for each group of N/P consecutive rows, the row that is the model's own output (last layer) at the group's position.</summary>
    public const string FinalRows = "final_rows";

    /// <summary>Input int64 [1]: k.</summary>
    public const string K = "k";

    /// <summary>Output fp32 [N,V]: the logits.</summary>
    public const string Logits = "logits";

    /// <summary>Output int64 [N,k]: ids by falling logit, ties by lower id.</summary>
    public const string TopIds = "topk_ids";

    /// <summary>Output fp32 [N,k]: log-probabilities over the whole vocabulary.</summary>
    public const string TopLogProbs = "topk_logprobs";

    /// <summary>Output fp32 [N]: log-sum-exp of the logits.</summary>
    public const string LogSumExp = "logsumexp";

    /// <summary>Output fp32 [N]: entropy in nats.</summary>
    public const string Entropy = "entropy";

    /// <summary>Output fp32 [N,m].</summary>
    public const string TargetLogProbs = "target_logprobs";

    /// <summary>Output int64 [N,m]: tokens with a higher logit, or the same and a lower id.</summary>
    public const string TargetRanks = "target_ranks";

    /// <summary>Output fp32 [N]: KL(final‖row) in nats, final being the group's row named by <see cref="FinalRows"/>.</summary>
    public const string Kl = "kl";
}
