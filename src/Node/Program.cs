return await AkkaOverlay.Node.Cli.CommandLine.RunAsync(args);
