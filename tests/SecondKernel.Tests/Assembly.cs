// Emulated processors have enough to do with one lab.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
