import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadAssembly } from '../../src/template/assembly.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-assembly-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, value: object) => writeFileSync(join(folder, name), JSON.stringify(value));
const stack = { type: 'aws:cloudformation:stack', properties: { templateFile: 'shop.json' } };

it('a folder that is no assembly says which one is', () => {
  expect(() => loadAssembly(join(folder, 'cdk.outt'))).toThrow(
    'cdk.outt/manifest.json. Give the folder that "cdk synth" writes, usually cdk.out.',
  );
});

it('an app of stages says that each of them is an assembly, and each is', () => {
  write('manifest.json', {
    artifacts: { Prod: { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-Prod' } } },
  });
  mkdirSync(join(folder, 'assembly-Prod'));
  write('assembly-Prod/manifest.json', { artifacts: { Shop: stack } });
  write('assembly-Prod/shop.json', { Resources: {} });

  expect(() => loadAssembly(folder)).toThrow(`Give one of ${join(folder, 'assembly-Prod')}.`);
  expect(loadAssembly(join(folder, 'assembly-Prod'))).toMatchObject([{ name: 'Shop' }]);
});

it('an app without a stack says so', () => {
  write('manifest.json', { artifacts: {} });

  expect(() => loadAssembly(folder)).toThrow('lists no stack: the app made none.');
});
