using OnnxLens.Bundles;
using OnnxLens.Export.Families;
using OnnxLens.Export.Quantization;
using OnnxLens.Export.RandomCheckpoints;
using OnnxLens.Onnx;
using OnnxLens.Runtime;
using OnnxLens.Safetensors;
using OnnxLens.Testing;
using OnnxLens.Tokenization;
using OnnxLens.Tokenization.ChatTemplates;

namespace OnnxLens.Export.Tests;

/// <summary>An export appears whole and tested, or not at all, and writes no weights unless asked to.</summary>
[TestClass]
public sealed class BundleExporterTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow(WeightsMode.Auto)]
    [DataRow(WeightsMode.Link)]
    [DataRow(WeightsMode.Copy)]
    [DataRow(WeightsMode.Reference)]
    public void Export_EveryWayToHoldWeights_GivesTheSameLogits(WeightsMode mode)
    {
        string checkpoint = WriteCheckpoint(new RandomCheckpointOptions { MaxShardBytes = 200_000 });
        ExportReport report = BundleExporter.Export(checkpoint, _folder["bundle"], new ExportOptions { Shards = 2, Weights = mode });
        Assert.IsEmpty(report.Notes);
        long weights = Directory.GetFiles(checkpoint, "*.safetensors").Sum(file => new FileInfo(file).Length);
        Assert.AreEqual(mode == WeightsMode.Copy, report.BytesWritten > weights);
        Assert.AreEqual(mode == WeightsMode.Reference, !Directory.EnumerateFiles(_folder["bundle"], "*.safetensors").Any());
        using LensModel model = LensModel.Open(_folder["bundle"]);
        using LensModel expected = LensModel.Open(TestBundles.Of(checkpoint));
        Assert.AreSequenceEqual(Logits(expected), Logits(model));
    }

    [TestMethod]
    public void Export_Link_SharesTheBytes()
    {
        string checkpoint = WriteCheckpoint(new RandomCheckpointOptions());
        BundleExporter.Export(checkpoint, _folder["bundle"], new ExportOptions { Weights = WeightsMode.Link });
        File.Delete(Path.Combine(checkpoint, "model.safetensors"));
        using LensModel model = LensModel.Open(_folder["bundle"]);
        Assert.HasCount(model.Facts.VocabularySize, Logits(model));
    }

    [TestMethod]
    public void Export_CheckpointOfSymbolicLinks_RunsInEveryMode()
    {
        string blobs = WriteCheckpoint(new RandomCheckpointOptions());
        Directory.CreateDirectory(_folder["snapshot"]);
        foreach (string file in Directory.GetFiles(blobs))
        {
            File.CreateSymbolicLink(_folder[Path.Combine("snapshot", Path.GetFileName(file))], file);
        }

        foreach (WeightsMode mode in new[] { WeightsMode.Link, WeightsMode.Copy, WeightsMode.Reference })
        {
            string target = _folder[$"bundle-{mode}"];
            BundleExporter.Export(_folder["snapshot"], target, new ExportOptions { Weights = mode });
            using LensModel model = LensModel.Open(target);
            Assert.HasCount(model.Facts.VocabularySize, Logits(model));
        }
    }

    [TestMethod]
    public void Export_Bf16Weights_WritesNoneOfThem()
    {
        string checkpoint = WriteCheckpoint(new RandomCheckpointOptions { WeightType = ElementType.BFloat16, TiedEmbedding = true });
        ExportReport report = BundleExporter.Export(checkpoint, _folder["bundle"], new ExportOptions { Shards = 4 });
        Assert.AreEqual("fp32", report.Manifest.Precision);
        string data = Path.Combine(_folder["bundle"], "rope.data");
        long tables = new FileInfo(data).Length;
        Assert.IsLessThan(400_000 + tables, report.BytesWritten);
    }

    [TestMethod]
    public void Export_Fp16OnCpu_RunsAndIsNearFp32()
    {
        string checkpoint = WriteCheckpoint(new RandomCheckpointOptions { WeightType = ElementType.Float16 });
        BundleExporter.Export(checkpoint, _folder["half"], new ExportOptions { Precision = Precision.Fp16, Shards = 2 });
        BundleExporter.Export(checkpoint, _folder["single"], new ExportOptions { Precision = Precision.Fp32 });
        using LensModel half = LensModel.Open(_folder["half"]);
        using LensModel single = LensModel.Open(_folder["single"]);
        Closeness.AssertClose<float, float>(Logits(single), Logits(half), 0.1, "fp16 logits");
    }

    [TestMethod]
    public void Export_TargetExists_LeavesItAlone()
    {
        string checkpoint = WriteCheckpoint(new RandomCheckpointOptions());
        Directory.CreateDirectory(_folder["bundle"]);
        File.WriteAllText(_folder["bundle/mine.txt"], "mine");
        OutputException exception = Assert.ThrowsExactly<OutputException>(() => BundleExporter.Export(checkpoint, _folder["bundle"]));
        Assert.Contains("exists already", exception.Message);
        Assert.AreEqual("mine", File.ReadAllText(_folder["bundle/mine.txt"]));
        AssertNothingElse("bundle");
    }

    [TestMethod]
    public void Export_WeightNotFinite_FailsInTheSelfTestAndLeavesNothing()
    {
        string checkpoint = WriteCheckpoint(new RandomCheckpointOptions());
        string path = Path.Combine(checkpoint, "model.safetensors");
        SafetensorsEntry entry = SafetensorsHeader.Read(path).Tensors["model.layers.2.mlp.down_proj.weight"];
        using (FileStream stream = File.OpenWrite(path))
        {
            stream.Position = entry.Offset;
            stream.Write(BitConverter.GetBytes(float.NaN));
        }

        InferenceException exception = Assert.ThrowsExactly<InferenceException>(() => BundleExporter.Export(checkpoint, _folder["bundle"]));
        Assert.Contains("resid_post.2", exception.Message);
        AssertNothingElse();
    }

    [TestMethod]
    public void Export_Cancelled_LeavesNothing()
    {
        string checkpoint = WriteCheckpoint(new RandomCheckpointOptions());
        using var source = new CancellationTokenSource();
        var progress = new Immediate(step =>
        {
            if (step.Contains("testing", StringComparison.Ordinal))
            {
                source.Cancel();
            }
        });
        Assert.Throws<OperationCanceledException>(() => BundleExporter.Export(checkpoint, _folder["bundle"], null, progress, source.Token));
        AssertNothingElse();
    }

    [TestMethod]
    [DataRow("100k", WeightsMode.Copy, null)]
    [DataRow("180k", WeightsMode.Reference, 8)]
    public void Export_DiskFull_SaysSoAndLeavesNothing(string size, WeightsMode weights, int? bits)
    {
        const string small = "/dev/shm";
        string mount = _folder["small"];
        Directory.CreateDirectory(mount);
        if (!Directory.Exists(small) || Shell($"mount -t tmpfs -o size={size} tmpfs '{mount}'") != 0)
        {
            Assert.Inconclusive("A small file system cannot be mounted here.");
        }

        try
        {
            string checkpoint = WriteCheckpoint(new RandomCheckpointOptions());
            OutputException exception = Assert.ThrowsExactly<OutputException>(
                () => BundleExporter.Export(checkpoint, Path.Combine(mount, "bundle"), new ExportOptions { Weights = weights, Quantization = bits is null ? null : QuantizationForms.Default(bits.Value) }));
            Assert.Contains("Free space", exception.Message);
            Assert.IsEmpty(Directory.GetFileSystemEntries(mount));
        }
        finally
        {
            Shell($"umount '{mount}'");
        }
    }

    [TestMethod]
    public void Export_LinkAcrossFileSystems_FallsBackWithANoteUnlessAskedFor()
    {
        const string other = "/dev/shm";
        if (!Directory.Exists(other))
        {
            Assert.Inconclusive("There is no second file system here.");
        }

        string checkpoint = WriteCheckpoint(new RandomCheckpointOptions());
        string target = Path.Combine(other, $"onnxlens-{Guid.NewGuid():N}");
        try
        {
            Assert.ThrowsExactly<OutputException>(() => BundleExporter.Export(checkpoint, target, new ExportOptions { Weights = WeightsMode.Link }));
            Assert.IsFalse(Directory.Exists(target));
            ExportReport report = BundleExporter.Export(checkpoint, target);
            Assert.HasCount(1, report.Notes);
            using LensModel model = LensModel.Open(target);
            Assert.HasCount(model.Facts.VocabularySize, Logits(model));
        }
        finally
        {
            if (Directory.Exists(target))
            {
                Directory.Delete(target, recursive: true);
            }
        }
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(5)]
    [DataRow(-1)]
    public void Export_MoreShardsThanLayers_IsRefused(int shards)
    {
        string checkpoint = WriteCheckpoint(new RandomCheckpointOptions { Layers = 4 });
        Assert.ThrowsExactly<SelectionException>(() => BundleExporter.Export(checkpoint, _folder["bundle"], new ExportOptions { Shards = shards }));
        AssertNothingElse();
    }

    [TestMethod]
    public void Export_TokenizerOfAnotherModel_IsRefused()
    {
        string checkpoint = WriteCheckpoint(new RandomCheckpointOptions());
        File.Copy(Path.Combine(RepositoryRoot.Path, "model-export/demo/checkpoint/tokenizer.json"), Path.Combine(checkpoint, "tokenizer.json"));
        TokenizerException exception = Assert.ThrowsExactly<TokenizerException>(() => BundleExporter.Export(checkpoint, _folder["bundle"]));
        Assert.Contains("vocab_size", exception.Message);
        AssertNothingElse();
    }

    [TestMethod]
    public void Export_ChatTemplate_GoesWithTheBundleAndLeavesTheTokenizersHashAlone()
    {
        string demo = Path.Combine(RepositoryRoot.Path, "model-export/demo/checkpoint");
        Directory.CreateDirectory(_folder["checkpoint"]);
        foreach (string file in Directory.GetFiles(demo))
        {
            File.Copy(file, _folder[Path.Combine("checkpoint", Path.GetFileName(file))]);
        }

        string[] added = ["chat_template.jinja", "chat_template.json", "special_tokens_map.json"];
        File.WriteAllText(_folder["checkpoint/chat_template.jinja"], "{{ bos_token }}{{ messages[0].content }}");
        File.WriteAllText(_folder["checkpoint/chat_template.json"], """{"chat_template": "old"}""");
        File.WriteAllText(_folder["checkpoint/special_tokens_map.json"], """{"bos_token": "<b>"}""");
        ExportReport report = BundleExporter.Export(_folder["checkpoint"], _folder["bundle"]);
        foreach (string name in added)
        {
            Assert.Contains(name, report.Manifest.TokenizerFiles);
            Assert.Contains(name, report.Manifest.Files.Select(file => file.Name));
        }

        using LensModel model = LensModel.Open(_folder["bundle"]);
        ChatTemplate template = ChatTemplate.Load(_folder["bundle"]);
        Assert.AreEqual("<b>hi", template.Render([new ChatMessage("user", "hi")]));
        Assert.AreEqual(ChatTemplate.Load(_folder["checkpoint"]).Hash, template.Hash);
        Assert.AreEqual(Tokenizer.Load(demo).Hash, Tokenizer.Load(_folder["bundle"]).Hash);
    }

    [TestMethod]
    public void Export_MaxLength_BoundsTheBundle()
    {
        string checkpoint = WriteCheckpoint(new RandomCheckpointOptions());
        ExportReport report = BundleExporter.Export(checkpoint, _folder["bundle"], new ExportOptions { MaxLength = 33 });
        Assert.AreEqual(33, report.Manifest.Model.MaxLength);
        using LensModel model = LensModel.Open(_folder["bundle"]);
        Assert.ThrowsExactly<SelectionException>(() => model.Begin(HookSpec.None, 34));
        using ModelRun run = model.Begin(HookSpec.None, 33);
        run.Prefill([.. Enumerable.Range(1, 33)]);
    }

    private string WriteCheckpoint(RandomCheckpointOptions options)
    {
        string folder = _folder["checkpoint"];
        RandomCheckpoint.Write(folder, options);
        return folder;
    }

    private static float[] Logits(LensModel model)
    {
        using ModelRun run = model.Begin(HookSpec.None, 8);
        run.Prefill([1, 2, 3, 4, 5]);
        return run.Logits().ToArray();
    }

    [TestMethod]
    public void Export_RoomForOneToken_RunsIt()
    {
        string checkpoint = WriteCheckpoint(new RandomCheckpointOptions());
        BundleExporter.Export(checkpoint, _folder["bundle"], new ExportOptions { MaxLength = 1 });
        using LensModel model = LensModel.Open(_folder["bundle"]);
        using ModelRun run = model.Begin(HookSpec.None, 1);
        run.Prefill([1]);
        Assert.IsTrue(run.Logits().ToArray().All(float.IsFinite));
    }

    [TestMethod]
    public void Export_BackslashInAFolderName_IsNoSeparatorOnUnix()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("A backslash separates folders here.");
        }

        string checkpoint = WriteCheckpoint(new RandomCheckpointOptions());
        Directory.CreateDirectory(_folder["a\\b"]);
        Directory.Move(checkpoint, _folder["a\\b/checkpoint"]);
        BundleExporter.Export(_folder["a\\b/checkpoint"], _folder["bundle"], new ExportOptions { Weights = WeightsMode.Reference });
        using LensModel model = LensModel.Open(_folder["bundle"]);
        Assert.HasCount(model.Facts.VocabularySize, Logits(model));
    }

    [TestMethod]
    [DataRow("config.json")]
    [DataRow("model.safetensors")]
    [Timeout(60_000)]
    public void Export_PipeInPlaceOfAFile_IsRefusedAndNotWaitedFor(string file)
    {
        string checkpoint = WriteCheckpoint(new RandomCheckpointOptions());
        string path = Path.Combine(checkpoint, file);
        File.Delete(path);
        if (Shell($"mkfifo '{path}'") != 0)
        {
            Assert.Inconclusive("This machine makes no named pipes.");
        }

        CheckpointException exception = Assert.ThrowsExactly<CheckpointException>(() => BundleExporter.Export(checkpoint, _folder["bundle"]));
        Assert.Contains(file, exception.Message);
        Assert.Contains("a pipe or a device in place of a file", exception.Message);
    }

    private void AssertNothingElse(params string[] kept) =>
        Assert.AreSequenceEqual(
            kept.Append("checkpoint").Order(StringComparer.Ordinal).ToArray(),
            Directory.GetFileSystemEntries(_folder.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ToArray());

    [TestMethod]
    public void Export_ForADeviceThatIsNotThere_IsRefusedBeforeAnythingIsWritten()
    {
        string checkpoint = WriteCheckpoint(new RandomCheckpointOptions());
        var steps = new List<string>();
        InferenceException refusal = Assert.ThrowsExactly<InferenceException>(() => BundleExporter.Export(
            checkpoint, _folder["bundle"], new ExportOptions { Devices = [Device.Parse("cuda:64")] }, new Immediate(steps.Add)));
        Assert.Contains("Device 'cuda:64' was asked for", refusal.Message);
        Assert.AreSequenceEqual(["reading the checkpoint"], steps);
        Assert.IsFalse(Directory.Exists(_folder["bundle"]));
    }

    private static int Shell(string command)
    {
        try
        {
            using var process = System.Diagnostics.Process.Start("sh", ["-c", command + " 2>/dev/null"]);
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }

    private sealed class Immediate(Action<string> act) : IProgress<string>
    {
        public void Report(string value) => act(value);
    }
}
