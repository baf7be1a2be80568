import { expect, it } from 'vitest';
import { readFunctionSettings } from '../../../src/services/lambda/function-settings.ts';
import { templateOf } from '../../fixture.ts';

const heapWith = (nodeOptions?: string) => {
  const [resource] = templateOf({
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'weir-dev-read',
        Code: { ZipFile: '' },
        MemorySize: 512,
        ...(nodeOptions !== undefined && { Environment: { Variables: { NODE_OPTIONS: nodeOptions } } }),
      },
    },
  }).resources('AWS::Lambda::Function');
  return readFunctionSettings(resource ?? expect.fail('no function'), 'read').heap;
};

it('a thread has the heap that NODE_OPTIONS gives to a process', () => {
  expect(heapWith('--enable-source-maps --max-old-space-size=96 --max-semi-space-size=16')).toEqual({
    oldMebibytes: 96,
    youngMebibytes: 48,
  });
});

it('a thread has the memory of its function, and little for what is young, unless NODE_OPTIONS says more', () => {
  for (const heap of [heapWith(), heapWith('--enable-source-maps')])
    expect(heap).toEqual({ oldMebibytes: 512, youngMebibytes: 4 });
});
