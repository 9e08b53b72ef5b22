namespace OnnxLens.Export.Graphs;

/// <summary>What one shard of a model is to hold.</summary>
/// <param name="Index">Which shard it is, counted from 0.</param>
/// <param name="Count">How many shards the model has.</param>
/// <param name="FirstLayer">Its first layer, counted over the whole model.</param>
/// <param name="LayerCount">How many layers.</param>
/// <param name="File">File name of the graph.</param>
/// <param name="Device">The device it is exported for, e.g. <c>cpu</c> or <c>cuda:0</c>.</param>
public sealed record ShardPlan(int Index, int Count, int FirstLayer, int LayerCount, string File, string Device);
