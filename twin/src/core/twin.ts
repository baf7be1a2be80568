// The whole system on this machine: the synthesized templates, run on embedded engines. Boot order is one list,
// reversed on the way down; nothing listens beyond loopback and nothing is left behind.

import { join } from 'node:path';
import type { CreatedAccount } from '../../../cli/account/create.ts';
import { ensureDemoAccounts } from '../../../local/demo-accounts.ts';
import { synthesize, useAssembly } from '../../../local/synthesize.ts';
import { faultPages } from '../faults/fault-pages.ts';
import { Faults } from '../faults/faults.ts';
import { readPlan } from '../faults/plan.ts';
import { activityPages } from '../pages/activity-pages.ts';
import { clockPages } from '../pages/clock-pages.ts';
import { grantPages } from '../pages/grant-pages.ts';
import { createPages } from '../pages/pages.ts';
import { type State, statePages } from '../pages/state-pages.ts';
import { ApiKeys } from '../services/api-gateway/api-keys.ts';
import { createApiGatewayControl } from '../services/api-gateway/control-plane.ts';
import { Gateway } from '../services/api-gateway/gateway.ts';
import { deployTemplateKeys } from '../services/api-gateway/template-keys.ts';
import { createCloudFormationControl } from '../services/cloudformation/control-plane.ts';
import { metricPages } from '../services/cloudwatch/metric-pages.ts';
import { Metrics } from '../services/cloudwatch/metrics.ts';
import { DynamoDbEngine } from '../services/dynamodb/engine.ts';
import { createTables } from '../services/dynamodb/tables.ts';
import { Permissions } from '../services/iam/permissions.ts';
import type { Grants } from '../services/iam/use-record.ts';
import { KinesisEngine } from '../services/kinesis/engine.ts';
import { createIteratorsByTime } from '../services/kinesis/iterators-by-time.ts';
import { createStreamLimits } from '../services/kinesis/stream-limits/stream-limits.ts';
import { createStreams } from '../services/kinesis/streams.ts';
import { createLambdaControl } from '../services/lambda/control-plane.ts';
import { Functions } from '../services/lambda/functions.ts';
import { StreamMappings } from '../services/lambda/stream-mapping/stream-mappings.ts';
import { createBucketsAndTopics, ObjectStoreEngine } from '../services/s3/engine.ts';
import { bucketHoldings, queueHoldings } from '../services/s3/holdings.ts';
import { createQueues } from '../services/sqs/queues.ts';
import { loadAssembly } from '../template/assembly.ts';
import { createSystem, type System } from '../template/system.ts';
import { type Clock, createClock } from './clock.ts';
import { createFolderLock } from './folder-lock.ts';
import { assertPortIsFree } from './http/listen.ts';
import type { AwsCall } from './proxy/aws-call.ts';
import { AwsProxy } from './proxy/aws-proxy.ts';
import { type CallCounts, createCallMeter } from './proxy/call-meter.ts';
import { createCallers } from './proxy/identify.ts';
import { boot, type Service } from './service.ts';
import { createTriggers } from './triggers.ts';
import { findUnaccounted, sayUnaccounted } from './unaccounted.ts';

export type TwinOptions = {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Keeps no data; assemblies and logs are still written to the folder. */
  readonly memory?: boolean;
  readonly folder?: string;
  readonly project?: string;
  readonly stage?: string;
  /** A cloud assembly that was made already; without one it is made, unless the sources are as they were. */
  readonly assembly?: string | undefined;
  /** Accounts to begin with, unless the folder holds some already. */
  readonly accountIds?: readonly string[];
  /** A plan of what goes wrong, in force once everything has started. Rejects with InvalidFaultPlan before. */
  readonly faults?: unknown;
  /** One line for each thing that went wrong while running. */
  readonly report?: (problem: string) => void;
  /** An engine is gone, and the twin cannot go on. */
  readonly onLoss?: (message: string) => void;
};

export type Twin = {
  readonly url: string;
  readonly proxyUrl: string;
  readonly accounts: readonly CreatedAccount[];
  calls(): CallCounts;
  resetCalls(): void;
  /** What the roles of functions grant, how often each was used, and what was denied. */
  grants(): Grants;
  /** Of everything but tables, buckets and queues. */
  readonly clock: Clock;
  /** Of the cloud assembly that it runs. */
  readonly assemblyFolder: string;
  /** What runs of each, and the code that it runs. */
  readonly functions: Pick<Functions, 'activity' | 'codeFolders' | 'replaceCode'>;
  /** What it runs, with what of it has been read. */
  readonly system: System;
  /** What functions published, as CloudWatch would have it. */
  readonly metrics: Pick<Metrics, 'series' | 'lines' | 'reset'>;
  /** What goes wrong on purpose. */
  readonly faults: Pick<Faults, 'inject' | 'load' | 'clear' | 'list'>;
  /** Positions and lag, attempts, what buckets and queues hold, environments. */
  state(): Promise<State>;
  /** Invokes a function directly, as Lambda's own API would. */
  invoke(functionVerb: string, event: unknown): Promise<unknown>;
  stop(): Promise<void>;
};

const projectFolder = join(import.meta.dirname, '..', '..', '..');

export async function startTwin(options: TwinOptions = {}): Promise<Twin> {
  const { port = 0, memory = false, project = projectFolder, stage = 'dev', accountIds = [] } = options;
  const { folder = join(project, '.weir'), report = console.error } = options;
  const dataFolder = memory ? undefined : folder;
  const inData = (name: string) => (dataFolder === undefined ? undefined : join(dataFolder, name));
  const logFolder = join(folder, 'logs');

  let loaded: System | undefined;
  let assemblyFolder = '';
  let release = () => {};
  let accounts: readonly CreatedAccount[] = [];
  const system = () => {
    if (loaded === undefined) throw new Error('The template is not loaded yet.');
    return loaded;
  };

  const dynamoDb = new DynamoDbEngine({
    ...(dataFolder !== undefined && { folder: dataFolder }),
    onLoss: options.onLoss ?? report,
  });
  const objectStore = new ObjectStoreEngine();
  const apiKeys = new ApiKeys(inData('api-gateway.json'));
  const clock = createClock();
  const kinesis = new KinesisEngine(dataFolder, { clock, onLoss: options.onLoss ?? report });
  const meter = createCallMeter();
  const callers = createCallers();
  const permissions = new Permissions({ system, report });
  const streamLimits = createStreamLimits(clock, () => kinesis.endpoint);
  const iteratorsByTime = createIteratorsByTime(() => kinesis.endpoint);
  const proxyUrl = () => proxy.url;
  const send = (call: AwsCall) => proxy.send(call);
  const faultPlan = readPlan(options.faults ?? { rules: [] });
  const faults = new Faults({ clock, kill: (verb, environmentId) => functions.kill(verb, environmentId) });
  const functions = new Functions({
    system,
    callers,
    proxyUrl,
    clock,
    logFolder,
    report,
  });
  const triggers = createTriggers({
    ...{ system, functions, faults, clock, send, proxyUrl, dataFolder, report },
    endpoint: () => objectStore.endpoint,
  });
  const engine = (of: { readonly endpoint: string }) => ({ engine: () => of.endpoint });
  const proxy = new AwsProxy({
    callers,
    report,
    steps: [meter.step, permissions.step, faults.step, streamLimits.step, iteratorsByTime, ...triggers.steps],
    destinations: {
      dynamodb: engine(dynamoDb),
      kinesis: engine(kinesis),
      s3: engine(objectStore),
      sns: engine(objectStore),
      sqs: engine(objectStore),
      apigateway: {
        answer: createApiGatewayControl(apiKeys, () =>
          system()
            .resources('AWS::ApiGateway::UsagePlan')
            .map(({ reference }) => reference),
        ),
      },
      cloudformation: { answer: createCloudFormationControl(system) },
      lambda: {
        answer: createLambdaControl({ system, functions, invocations: triggers.invocations }),
      },
    },
  });
  const metrics = new Metrics({
    logFiles: () =>
      Object.fromEntries(
        Object.keys(functions.activity()).map((verb) => [verb, join(logFolder, `${verb}.log`)]),
      ),
  });
  const mappings = new StreamMappings({
    system,
    send,
    functions,
    faults,
    clock,
    folder: inData('checkpoints'),
    report,
  });
  const state = async (): Promise<State> => ({
    streams: await streamLimits.state(
      system()
        .resources('AWS::Kinesis::Stream')
        .map(({ name }) => name),
    ),
    mappings: mappings.state(),
    queue_mappings: triggers.queueMappings(),
    buckets: await bucketHoldings(system(), objectStore.endpoint),
    queues: await queueHoldings(objectStore.endpoint),
    functions: functions.activity(),
  });
  const gateway = new Gateway({
    port,
    system,
    functions,
    apiKeys,
    now: clock.now,
    report,
    quotaFile: inData('quota-usage.json'),
    logFolder,
    page: createPages({
      ...activityPages(meter, functions.activity),
      ...grantPages(permissions.grants),
      ...statePages(state),
      ...clockPages(clock),
      ...faultPages(faults),
      ...metricPages(metrics),
    }),
  });

  const takeDown = await boot([
    [
      ...(dataFolder === undefined ? [] : [createFolderLock(dataFolder)]),
      step('the port', () => assertPortIsFree(port)),
    ],
    [
      {
        name: 'synthesis',
        start: async () => {
          const assembly = { project, stage, folder: join(folder, 'assembly') };
          assemblyFolder = options.assembly ?? (await synthesize(assembly));
          release = useAssembly(assemblyFolder);
          loaded = createSystem(loadAssembly(assemblyFolder));
        },
        end: async () => release(),
      },
      dynamoDb,
      kinesis,
      objectStore,
    ],
    [
      step('the permissions', async () => permissions.read()),
      step('the tables', () => createTables(system(), dynamoDb.endpoint)),
      step('the streams', () => createStreams(system(), kinesis.endpoint)),
      step('the buckets and topics', async () => {
        await createBucketsAndTopics(system(), objectStore.endpoint);
        await triggers.restoreObjects();
      }),
      step('the queues', () => createQueues(system(), objectStore.endpoint)),
      step('the API keys', async () => {
        await apiKeys.load();
        await deployTemplateKeys(system(), apiKeys);
      }),
    ],
    [proxy],
    [functions],
    [metrics, ...triggers.receivers],
    [
      mappings,
      ...triggers.sources,
      step('the accounts', async () => {
        const file = inData('demo-account.json');
        accounts = await ensureDemoAccounts({ stage, proxyUrl: proxy.url, accountIds, file });
      }),
    ],
    [gateway],
    // The last to start, so that the start is not hit, and the first to end, so that nothing waits for a latency.
    [
      {
        name: 'the faults',
        start: async () => faults.load(faultPlan),
        end: async () => faults.clear(),
      },
    ],
  ]);
  for (const line of sayUnaccounted(findUnaccounted(system()))) report(line);

  return {
    url: gateway.url,
    proxyUrl: proxy.url,
    accounts,
    calls: meter.calls,
    resetCalls: meter.reset,
    grants: permissions.grants,
    clock,
    functions,
    metrics,
    faults,
    state,
    system: system(),
    assemblyFolder,
    invoke: (functionVerb, event) => functions.invokeVerb(functionVerb, event),
    stop: takeDown,
  };
}

/** Something done at start, with nothing to take down. */
function step(name: string, start: () => Promise<void>): Service {
  return { name, start, end: async () => undefined };
}
