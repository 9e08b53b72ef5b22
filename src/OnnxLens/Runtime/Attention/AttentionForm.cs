namespace OnnxLens.Runtime.Attention;

/// <summary>What kind of attention a node computes.</summary>
/// <param name="Heads">Heads of queries.</param>
/// <param name="KvHeads">Heads of keys and values; each serves as many heads of queries.</param>
/// <param name="Scale">What a score is multiplied by; 0 is 1/√D.</param>
/// <param name="Softcap">A score s becomes c·tanh(s/c); 0 leaves it.</param>
/// <param name="Window">Positions that a query sees, its own among them; 0 is all before it.</param>
/// <param name="Rotates">True where queries and keys are rotated by their positions, the first half of the pairs with the second.</param>
/// <param name="IsPacked">True where keys and values lie behind the queries, in one input.</param>
/// <param name="HasBias">True where a bias is added to the scores.</param>
internal readonly record struct AttentionForm(int Heads, int KvHeads, float Scale, float Softcap, int Window, bool Rotates, bool IsPacked, bool HasBias)
{
    /// <summary>Heads of queries that share keys and values.</summary>
    public int Shared => Heads / KvHeads;
}
