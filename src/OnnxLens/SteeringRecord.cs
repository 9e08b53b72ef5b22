namespace OnnxLens;

/// <summary>One steering operation of a run, as it is written into the files of results.</summary>
/// <param name="Vector">The vector's name or file.</param>
/// <param name="Hash">SHA-256 of the vector: its site, layers and values.</param>
/// <param name="Point">The hook point, e.g. <c>mlp_in.3</c>.</param>
/// <param name="Operator"><c>add</c>, <c>ablate</c> or <c>add-norm</c>.</param>
/// <param name="Strength">By what the vector was multiplied, e.g. <c>1.5</c>; or the share of the activation's norm, e.g. <c>10%</c>.</param>
/// <param name="Positions">The positions asked for, e.g. <c>label</c>.</param>
/// <param name="Applied">How often it was applied: once for each position that was steered.</param>
public sealed record SteeringRecord(string Vector, string Hash, string Point, string Operator, string Strength, string Positions, long Applied);
