import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { FunctionFailed, FunctionOutOfReach, Functions } from '../../../../adapters/aws/invoke-function.ts';

const lambda = mockClient(LambdaClient);
afterAll(() => lambda.restore());
beforeEach(() => lambda.reset());
const pauses: number[] = [];
const functions = new Functions('prod', async (attempt) => pauses.push(attempt), { region: 'us-east-1' });
const payload = (value: unknown) => Buffer.from(JSON.stringify(value)) as never;

it('calls the live version of the function of a verb in its stage, and returns its answer', async () => {
  lambda.on(InvokeCommand).resolves({ StatusCode: 200, Payload: payload({ outcome: 'busy' }) });

  expect(await functions.invoke('settle', { action: 'replay' })).toEqual({ outcome: 'busy' });
  expect(lambda.commandCalls(InvokeCommand)[0]?.args[0].input).toEqual({
    FunctionName: 'weir-prod-settle:live',
    Payload: '{"action":"replay"}',
  });
});

it('a failure names the type of the error, and not its message, which may contain what a client sent', async () => {
  const failure = { errorType: 'TypeError', errorMessage: 'cannot read ada@example.com' };
  lambda.on(InvokeCommand).resolves({ FunctionError: 'Unhandled', Payload: payload(failure) });

  const failed = functions.invoke('consume', {});

  await expect(failed).rejects.toThrow(FunctionFailed);
  await expect(failed).rejects.toThrow(/^weir-prod-consume:live failed: TypeError$/);
});

it('a function that ended without an error payload has failed too', async () => {
  lambda.on(InvokeCommand).resolves({ FunctionError: 'Unhandled' });

  await expect(functions.invoke('consume', {})).rejects.toThrow('no error type given');
});

it('a function whose instances are all busy is called again', async () => {
  const busy = Object.assign(new Error('rate exceeded'), { name: 'TooManyRequestsException' });
  lambda
    .on(InvokeCommand)
    .rejectsOnce(busy)
    .rejectsOnce(busy)
    .resolves({ Payload: payload('done') });

  expect(await functions.invoke('settle', {})).toBe('done');
  expect(pauses.splice(0)).toEqual([0, 1]);

  lambda.on(InvokeCommand).rejects(busy);
  await expect(functions.invoke('settle', {})).rejects.toThrow(FunctionOutOfReach);
  expect(pauses).toHaveLength(30);
});

it('a function that cannot be called is out of reach, with the reason', async () => {
  const cause = Object.assign(new Error('no such function'), { name: 'ResourceNotFoundException' });
  lambda.on(InvokeCommand).rejects(cause);

  await expect(functions.invoke('settle', {})).rejects.toMatchObject({
    name: new FunctionOutOfReach().name,
    message: 'weir-prod-settle:live could not be called (ResourceNotFoundException)',
    cause,
  });
});
