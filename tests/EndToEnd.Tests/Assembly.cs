// Each test brings up hosts of its own: one after the other, or they measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
