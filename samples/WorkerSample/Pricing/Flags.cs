namespace WorkerSample.Pricing;

/// <summary>The feature flags of this worker, keys <c>FeatureManagement.*</c> in the bucket.</summary>
internal static class Flags
{
    public const string NewPricing = "NewPricing";
}
