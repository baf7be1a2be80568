// Lambda: the functions of the template in worker threads, invoked by the gateway, by other services, by event source
// mappings and by an operator.

import { join } from 'node:path';
import type { AsyncInvoker } from '../../core/invocation.ts';
import type { Callers } from '../../core/proxy/identify.ts';
import type { Service, ServiceContext } from '../../core/service.ts';
import type { TwinOptions } from '../../core/twin-options.ts';
import type { Template } from '../../template/template.ts';
import { AsyncInvocations } from './async/async-invocations.ts';
import { createConfigurationPlane } from './configuration-plane.ts';
import { createLambdaControl } from './control-plane.ts';
import type { FunctionActivity } from './deployed-function.ts';
import { Functions, type FunctionsOptions } from './functions.ts';
import type { QueueMappingState } from './queue-mapping/queue-mapping.ts';
import { QueueMappings } from './queue-mapping/queue-mappings.ts';
import type { MappingState } from './stream-mapping/stream-mapping.ts';
import { StreamMappings, type StreamMappingsOptions } from './stream-mapping/stream-mappings.ts';

export type LambdaState = {
  readonly mappings: Readonly<Record<string, MappingState>>;
  readonly queue_mappings: Readonly<Record<string, QueueMappingState>>;
  readonly functions: Readonly<Record<string, FunctionActivity>>;
};

export type Lambda = Service & {
  readonly functions: Functions;
  /** For services that do not wait for the function. */
  readonly invocations: AsyncInvoker;
  state(): LambdaState;
};

/** What a twin is started with, for test suites that would rather not wait, nor feed many threads. */
type LambdaBounds = {
  readonly [Name in 'longestWindowMs' | 'environmentsPerFunction']?: TwinOptions[Name] | undefined;
};

export function createLambda(
  template: Template,
  context: ServiceContext & { readonly callers: Callers } & LambdaBounds &
    Pick<StreamMappingsOptions, 'holdsRecord'> &
    Pick<FunctionsOptions, 'variables'>,
): Lambda {
  const { clock, metrics, faults, report, dataFolder, longestWindowMs, holdsRecord } = context;
  const functions = new Functions({ template, ...context });
  const calls = { template, functions, clock, metrics, report, send: context.proxy.send, longestWindowMs };
  const invocations = new AsyncInvocations(calls);
  const folder = dataFolder && join(dataFolder, 'checkpoints');
  const streamMappings = new StreamMappings({ ...calls, faults, folder, holdsRecord });
  const queueMappings = new QueueMappings({ ...calls, faults });
  const configuration = createConfigurationPlane({
    functionNamed: (name) => functions.named(name),
    mappings: () => [...streamMappings.controls(), ...queueMappings.controls()],
  });
  return {
    name: 'lambda',
    destination: {
      answer: createLambdaControl({
        ...{ template, functions, invocations, configuration },
        versions: functions.versions,
      }),
    },
    steps: [streamMappings.step],
    pages: {
      'GET /functions': {
        about: 'what runs of each function: environments, and how its invocations went',
        answer: functions.activity,
      },
    },
    phases: {
      functions: [functions],
      receivers: [invocations],
      sources: [streamMappings, queueMappings],
    },
    functions,
    invocations,
    state: () => ({
      mappings: streamMappings.state(),
      queue_mappings: queueMappings.state(),
      functions: functions.activity(),
    }),
  };
}
