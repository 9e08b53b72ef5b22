using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using OnnxLens.Bundles;

namespace OnnxLens.Tests.Bundles;

/// <summary>The reader of manifests knows every field that is written.</summary>
[TestClass]
public sealed class ManifestReaderTests
{
    private static readonly BundleManifest Full = new()
    {
        Schema = BundleManifest.CurrentSchema,
        Tool = "a tool",
        Model = new ModelFacts
        {
            Family = "llama",
            Layers = 3,
            HiddenSize = 64,
            IntermediateSize = 128,
            Heads = 4,
            KvHeads = 2,
            HeadDim = 16,
            VocabularySize = 320,
            ContextLength = 512,
            MaxLength = 256,
            TiedEmbedding = true,
            EndOfSequenceIds = [1, 2],
        },
        Parameters = 5_000_000_000,
        Precision = "bf16",
        Cache = new CacheForm { Kind = CacheKind.Growing, Layout = CacheLayout.PositionsFirst, Precision = "fp16", Capacity = 256, LeastCapacity = 9, SingleSteps = true, SingleRow = true },
        Quantization = [new Quantization { Bits = 4, BlockSize = 32, Symmetric = true, AccuracyLevel = 4 }],
        Instrumented = true,
        Shards =
        [
            new ShardEntry
            {
                File = "shard-1.onnx",
                FirstLayer = 1,
                LayerCount = 2,
                Device = "cuda:1",
                InputIds = "ids",
                HiddenIn = "hidden",
                Carried = [new CarriedValue("from", "input")],
                HiddenOut = "out",
                SeqLensK = "lens",
                TotalSequenceLength = "total",
                PositionIds = "positions",
                AttentionMask = "mask",
                WriteIndices = "indices",
                ValidLengths = "valid",
                Cache = [new CacheEntry("a", "b", "c", "d")],
                Sites = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("mlp_in.10", "ten").Add("mlp_in.2", "two"),
                Steer = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("mlp_in.2", "steer"),
            },
        ],
        Head = new HeadEntry { File = "lm_head.onnx", Device = "cuda:0" },
        TokenizerFiles = ["tokenizer.json", "merges.txt"],
        Files = [new FileEntry { Name = "merges.txt", Role = FileRole.Tokenizer, Location = "/there", Bytes = 17_000_000_000, Sha256 = "ab", PartSha256 = "cd" }],
    };

    [TestMethod]
    public void Read_WhatWasWritten_IsTheSame() => Assert.AreEqual(Json(Full), Json(ManifestReader.Read(JsonSerializer.SerializeToUtf8Bytes(Full, ManifestJson.Default.BundleManifest))));

    [TestMethod]
    public void Read_EveryRole_IsTheSame() => AssertKept(Enum.GetValues<FileRole>(), role => Full with { Files = [Full.Files[0] with { Role = role }] });

    [TestMethod]
    public void Read_EveryKindOfCache_IsTheSame() => AssertKept(Enum.GetValues<CacheKind>(), kind => Full with { Cache = Full.Cache with { Kind = kind } });

    [TestMethod]
    public void Read_EveryLayoutOfCache_IsTheSame() => AssertKept(Enum.GetValues<CacheLayout>(), layout => Full with { Cache = Full.Cache with { Layout = layout } });

    [TestMethod]
    public void Read_FieldsThatNobodyKnows_AreLetBe()
    {
        string json = Json(Full).Replace("\"tool\":", "\"later\": {\"a\": [1, null]}, \"tool\":", StringComparison.Ordinal);
        Assert.AreEqual(Json(Full), Json(ManifestReader.Read(System.Text.Encoding.UTF8.GetBytes(json))));
    }

    /// <summary>So that what is left out by the reader shows in the tests above.</summary>
    [TestMethod]
    public void Full_EveryProperty_IsSetToAnotherThanItsDefault() => AssertSet(Full, nameof(BundleManifest));

    private static string Json(BundleManifest manifest) => JsonSerializer.Serialize(manifest, ManifestJson.Default.BundleManifest);

    private static void AssertKept<T>(IEnumerable<T> values, Func<T, BundleManifest> with)
    {
        foreach (string json in values.Select(value => Json(with(value))))
        {
            Assert.AreEqual(json, Json(ManifestReader.Read(System.Text.Encoding.UTF8.GetBytes(json))));
        }
    }

    private static void AssertSet(object record, string path)
    {
        foreach (PropertyInfo property in record.GetType().GetProperties())
        {
            object? value = property.GetValue(record);
            Assert.IsNotNull(value, $"{path}.{property.Name}");
            if (value is IEnumerable and not string)
            {
                object[] elements = [.. ((IEnumerable)value).Cast<object>()];
                Assert.IsNotEmpty(elements, $"{path}.{property.Name}");
                if (elements[0].GetType().Namespace == typeof(BundleManifest).Namespace)
                {
                    AssertSet(elements[0], $"{path}.{property.Name}[0]");
                }
            }
            else if (value.GetType() is { IsValueType: true } type)
            {
                Assert.AreNotEqual(Activator.CreateInstance(type), value, $"{path}.{property.Name}");
            }
            else if (value is not string)
            {
                AssertSet(value, $"{path}.{property.Name}");
            }
        }
    }
}
