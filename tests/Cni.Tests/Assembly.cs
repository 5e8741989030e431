// A script cannot be executed while a process that was started elsewhere still holds it open for writing (ETXTBSY, execve(2)): one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
