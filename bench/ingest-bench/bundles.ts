// The cost of a cold start: the ingest bundle next to a bundle of only the Kinesis client. Each load is a new process.

import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { bundleFunctions, bundling } from '../../lib/function/bundle.ts';
import { median } from './cpu.ts';

const starts = 9;

export type Bundle = { readonly name: string; readonly kilobytes: number; readonly initMilliseconds: number };

export function compareBundles(folder: string): readonly Bundle[] {
  bundleFunctions({ output: folder });
  const files = [
    { name: 'ingest', file: join(folder, 'ingest', 'index.mjs') },
    { name: 'the Kinesis client alone', file: bareClient(folder) },
  ];
  const init = new Map<string, number[]>(files.map(({ name }) => [name, []]));
  for (let start = 0; start < starts; start += 1)
    for (const { name, file } of files) init.get(name)?.push(cpuOfLoading(file));
  return files.map(({ name, file }) => ({
    name,
    kilobytes: statSync(file).size / 1000,
    initMilliseconds: median(init.get(name) ?? []),
  }));
}

function bareClient(folder: string): string {
  mkdirSync(join(folder, 'bare'), { recursive: true });
  const source = join(import.meta.dirname, 'bare-kinesis.ts');
  const output = join(folder, 'bare', 'index.mjs');
  buildSync({ ...bundling, entryPoints: [source], outfile: output });
  return output;
}

/** The process measures itself, around the import. */
function cpuOfLoading(file: string): number {
  const script = [
    'const before = process.cpuUsage();',
    `await import(${JSON.stringify(file)});`,
    'const { user, system } = process.cpuUsage(before);',
    'process.stdout.write(String((user + system) / 1000));',
  ].join('\n');
  const runner = join(file, '..', 'load.mjs');
  writeFileSync(runner, script);
  const names = ['EVENT_STREAM', 'LEDGER_TABLE', 'ACCOUNTS_TABLE', 'AGGREGATES_TABLE', 'QUOTAS'];
  const env = {
    ...process.env,
    ...Object.fromEntries(names.map((name) => [name, 'bench'])),
    AWS_REGION: 'us-east-1',
    POWERTOOLS_SERVICE_NAME: 'ingest',
    POWERTOOLS_METRICS_NAMESPACE: 'bench',
  };
  return Number(execFileSync(process.execPath, [runner], { env, encoding: 'utf8' }));
}
