// Assets lie below a project whose package.json says "type": "module", and still load as on Lambda.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { createClock } from '../../../src/core/clock.ts';
import { createCallers } from '../../../src/core/proxy/identify.ts';
import { Functions } from '../../../src/services/lambda/functions.ts';
import { noMetrics, templateOf } from '../../fixture.ts';

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'weir-boundary-'));
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
});
afterEach(() => rmSync(project, { recursive: true }));

/** Resolves to what the handler in `index` returns. */
async function run(files: Readonly<Record<string, string>>): Promise<unknown> {
  const asset = join(project, 'cdk.out', 'asset');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(asset, name)), { recursive: true });
    writeFileSync(join(asset, name), text);
  }
  const Properties = { FunctionName: 'f', Code: { S3Bucket: 'b', S3Key: 'k' }, Handler: 'index.handler' };
  const functions = new Functions({
    template: templateOf({ F: { Type: 'AWS::Lambda::Function', Properties } }, {}, { k: asset }),
    callers: createCallers(),
    proxy: { url: 'http://127.0.0.1:1' },
    clock: createClock(),
    metrics: noMetrics,
    logFolder: join(project, 'logs'),
    outages: { failed: () => undefined, succeeded: () => undefined },
    report: () => undefined,
  });
  onTestFinished(() => functions.end());
  await functions.start();
  return functions.invokeByName('f', {});
}

const bundle = 'module.exports = { handler: async () => typeof module };';
const isModule = 'export const handler = async () => typeof module;';

it('.js is CommonJS, as the CDK bundles it, and so is what it requires', async () => {
  const index = "const { read } = require('./lib/read.js'); exports.handler = async () => read();";

  expect(await run({ 'index.js': bundle })).toBe('object');
  expect(await run({ 'index.js': index, 'lib/read.js': 'exports.read = () => typeof module;' })).toBe(
    'object',
  );
});

it('.js is what the package.json of the asset says', async () => {
  expect(await run({ 'package.json': '{ "type": "module" }', 'index.js': isModule })).toBe('undefined');
});

it('.js of a package within the asset is what that package says', async () => {
  const files = {
    'index.js': "exports.handler = async () => (await import('given')).kind;",
    'node_modules/given/package.json': '{ "type": "module", "main": "main.js" }',
    'node_modules/given/main.js': 'export const kind = typeof module;',
  };

  expect(await run(files)).toBe('undefined');
});

it('.mjs imports CommonJS by name, and what is missing is named as on Lambda', async () => {
  const index =
    "import given, { kind } from './given.js'; export const handler = async () => [kind, given.kind];";
  expect(await run({ 'index.mjs': index, 'given.js': 'exports.kind = typeof module;' })).toEqual([
    'object',
    'object',
  ]);
  rmSync(join(project, 'cdk.out'), { recursive: true });
  await expect(run({ 'index.js': "require('not-there');" })).rejects.toThrow(
    "Cannot find module 'not-there'",
  );
});

it('.mjs is a module, and .js with import or export is refused', async () => {
  expect(await run({ 'index.mjs': isModule })).toBe('undefined');
  rmSync(join(project, 'cdk.out'), { recursive: true });
  await expect(run({ 'index.js': isModule })).rejects.toThrow('SyntaxError: ');
});
