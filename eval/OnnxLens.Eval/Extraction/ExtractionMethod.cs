namespace OnnxLens.Eval.Extraction;

/// <summary>How a steering vector is made of pairs of activations.</summary>
public enum ExtractionMethod
{
    /// <summary>The mean of the differences (contrastive activation addition).</summary>
    MeanDifference,

    /// <summary>The first principal direction of the differences as they are.</summary>
    Pca,

    /// <summary>The first principal direction of the differences around their mean.</summary>
    PcaCentred,

    /// <summary>The weights of a logistic regression of the trait on the activations.</summary>
    Logistic,
}
