// The command line of the operator.

import { runCli } from '../cli/run.ts';

process.exitCode = await runCli(
  process.argv.slice(2),
  {
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    columns: process.stdout.columns,
  },
  undefined,
  undefined,
  // Loaded by the one verb that needs it.
  { stageNeeds: async (stage) => (await import('./stage-needs.ts')).stageNeeds(stage) },
);
