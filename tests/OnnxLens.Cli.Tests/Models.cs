using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary>The models that the tests run.</summary>
internal static class Models
{
    /// <summary>A made-up checkpoint of 4 layers without tokenizer.</summary>
    public static FixtureCheckpoint Llama => FixtureCheckpoints.Get("llama");

    /// <summary>Its bundle in two shards.</summary>
    public static string LlamaBundle => TestBundles.Of(Llama.Folder, 2);

    /// <summary>A small story model with tokenizer, and what transformers makes of it.</summary>
    public static string Stories => SharedData.Require("golden/stories260K-hf");

    /// <summary>Its bundle.</summary>
    public static string StoriesBundle => TestBundles.Of(Stories);

    /// <summary>The demo checkpoint.</summary>
    public static string Demo => Path.Combine(RepositoryRoot.Path, "model-export", "demo", "checkpoint");

    /// <summary>Its bundle.</summary>
    public static string DemoBundle => TestBundles.Of(Demo, 2);
}
