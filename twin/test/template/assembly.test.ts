import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadAssembly, templatesEqual } from '../../src/template/assembly.ts';
import { stackOf } from '../fixture.ts';

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

it('templates that differ in the code of a function alone, and so in the name of its version, are the same', () => {
  const of = (code: string, memory: number) => {
    const hash = code.repeat(32);
    const version = `ReadFunctionCurrentVersion318B7B19${hash}`;
    const read = { Code: { S3Key: `${hash}${hash}.zip` }, MemorySize: memory };
    const Resources = {
      Read: { Type: 'AWS::Lambda::Function', Properties: read },
      [version]: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Read' } } },
      Live: {
        Type: 'AWS::Lambda::Alias',
        Properties: { FunctionVersion: { 'Fn::GetAtt': [version, 'Version'] } },
      },
    };
    return [stackOf('shop', { Resources })];
  };

  expect(templatesEqual(of('a', 128), of('b', 128))).toBe(true);
  expect(templatesEqual(of('a', 128), of('a', 256))).toBe(false);
});

it('an app without a stack says so', () => {
  write('manifest.json', { artifacts: {} });

  expect(() => loadAssembly(folder)).toThrow('lists no stack: the app made none.');
});
