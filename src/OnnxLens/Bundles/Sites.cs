using System.Collections.Immutable;

namespace OnnxLens.Bundles;

/// <summary>Names and kinds of <see cref="Site"/>.</summary>
public static class Sites
{
    private static readonly string[] Names =
        ["resid_pre", "attn_in", "attn_out", "resid_mid", "mlp_in", "mlp_out", "resid_post"];

    /// <summary>Every site, in the order of the forward pass.</summary>
    public static ImmutableArray<Site> All { get; } = [.. Enum.GetValues<Site>()];

    /// <summary>The name used in files, graphs and commands, e.g. <c>resid_post</c>.</summary>
    public static string Name(this Site site) => Names[(int)site];

    /// <summary>True where the value is the residual stream itself, so that a lens of it is a logit lens; else a lens is one of a component.</summary>
    public static bool IsResidual(this Site site) => site is Site.ResidPre or Site.ResidMid or Site.ResidPost;

    /// <summary>True where a steering vector can be added: <c>attn_in</c>, <c>mlp_in</c>, <c>resid_post</c>.</summary>
    public static bool IsSteerable(this Site site) => site is Site.AttnIn or Site.MlpIn or Site.ResidPost;

    /// <summary>The names of the sites where a steering vector can be added, with commas, for messages.</summary>
    public static string SteerableNames { get; } = string.Join(", ", All.Where(IsSteerable).Select(Name));

    /// <summary>Reads a site's name.</summary>
    /// <exception cref="SelectionException">There is no such site; the message lists those there are.</exception>
    public static Site Parse(string name)
    {
        return TryParse(name, out Site site)
            ? site
            : throw new SelectionException($"Unknown site '{name}'. Sites are: {string.Join(", ", Names)}.");
    }

    /// <summary>Reads a site's name; false where there is no such site.</summary>
    public static bool TryParse(string name, out Site site)
    {
        int index = Array.IndexOf(Names, name);
        site = (Site)Math.Max(0, index);
        return index >= 0;
    }
}
