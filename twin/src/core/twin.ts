// Runs the stacks of a CDK app on this machine, on embedded engines: loads the template, makes each service from it,
// and starts them phase by phase. Nothing listens beyond loopback, and nothing is left behind.

import { join } from 'node:path';
import { faultPages } from '../faults/fault-pages.ts';
import { Faults } from '../faults/faults.ts';
import { readPlan } from '../faults/plan.ts';
import { callPages } from '../pages/call-pages.ts';
import { clockPages } from '../pages/clock-pages.ts';
import { createPages, type Pages } from '../pages/pages.ts';
import { statePages } from '../pages/state-pages.ts';
import { createAccount } from '../services/account/account.ts';
import { createApiGateway } from '../services/api-gateway/api-gateway.ts';
import { createCloudFormation } from '../services/cloudformation/cloudformation.ts';
import { AwsSeries } from '../services/cloudwatch/aws-series.ts';
import { type CloudWatch, createCloudWatch } from '../services/cloudwatch/cloudwatch.ts';
import type { Metrics } from '../services/cloudwatch/metrics.ts';
import { MetricStore } from '../services/cloudwatch/store/metric-store.ts';
import { createDynamoDb } from '../services/dynamodb/dynamodb.ts';
import { createTableMetrics } from '../services/dynamodb/table-metrics.ts';
import { createEventBridge, type SeenEvent } from '../services/eventbridge/eventbridge.ts';
import type { Grants } from '../services/iam/grant-usage.ts';
import { createIam } from '../services/iam/iam.ts';
import { createKinesis, type Kinesis } from '../services/kinesis/kinesis.ts';
import { createStreamMetrics } from '../services/kinesis/stream-metrics.ts';
import type { Functions } from '../services/lambda/functions.ts';
import { createLambda, type LambdaState } from '../services/lambda/lambda.ts';
import { createLogs } from '../services/logs/logs.ts';
import type { BucketContents } from '../services/s3/buckets.ts';
import { createS3 } from '../services/s3/s3.ts';
import { createSns } from '../services/sns/sns.ts';
import type { QueueContents } from '../services/sqs/queues.ts';
import { createSqs } from '../services/sqs/sqs.ts';
import { createWaf } from '../services/waf/waf.ts';
import { loadAssembly, type Stack } from '../template/assembly.ts';
import { createTemplate, type Template } from '../template/template.ts';
import { describeUnread, findUnread } from '../template/unread-parts.ts';
import { type Clock, createClock } from './clock.ts';
import { FauxqsEngine } from './fauxqs-engine.ts';
import { createFolderLock } from './folder-lock.ts';
import { namingFullDisk } from './full-disk.ts';
import { Marks } from './marks.ts';
import { Outages } from './outages.ts';
import { AwsProxy } from './proxy/aws-proxy.ts';
import { type CallCounts, createCallMeter } from './proxy/call-meter.ts';
import { createCallers } from './proxy/identify.ts';
import { inOneLine, once, type Service, type ServiceContext } from './service.ts';
import { startInPhases } from './start-in-phases.ts';
import type { TwinOptions } from './twin-options.ts';

export type TwinState = LambdaState & {
  readonly streams: Awaited<ReturnType<Kinesis['state']>>;
  readonly buckets: Readonly<Record<string, BucketContents>>;
  readonly queues: Readonly<Record<string, QueueContents>>;
};

export type Twin = {
  /** Where the first REST API is, whose paths follow without a stage, and the pages. */
  readonly url: string;
  /** Where each REST API is, by its logical id. */
  readonly apiUrls: Readonly<Record<string, string>>;
  /** For AWS clients: signed with any key, they may do everything. */
  readonly proxyUrl: string;
  /** What it runs, with what of it has been read. */
  readonly template: Template;
  /** The time of everything but tables, buckets and queues. */
  readonly clock: Clock;
  /** What runs of each function, and the code that it runs. */
  readonly functions: Pick<Functions, 'activity' | 'codeFolders' | 'publishVersion' | 'replaceCode'>;
  /** What was put on event buses lately, the newest first. */
  events(): readonly SeenEvent[];
  /** What functions published and what AWS measures by itself, as CloudWatch would have it. */
  readonly metrics: Pick<Metrics, 'series' | 'awsSeries' | 'lines' | 'reset'>;
  /** The same by the minute, as alarms and dashboards read it: to feed hours at once. */
  readonly metricStore: Pick<MetricStore, 'add' | 'addSet' | 'clear'>;
  /** The alarms of the template with their states and history. */
  readonly alarms: CloudWatch['alarms'];
  /** What goes wrong on purpose. */
  readonly faults: Pick<Faults, 'inject' | 'load' | 'clear' | 'list'>;
  calls(): CallCounts;
  resetCalls(): void;
  /** What the roles of functions grant, how often each was used, and what was denied. */
  grants(): Grants;
  /** Positions and lag, attempts, what buckets and queues hold, environments. */
  state(): Promise<TwinState>;
  /** Invokes a function, by its label, name or logical id, as Lambda's own API would. */
  invoke(functionName: string, event: unknown): Promise<unknown>;
  stop(): Promise<void>;
};

/** `assembly` is the folder that `cdk synth` wrote, or its stacks, read already. */
export async function startTwin(
  assembly: string | readonly Stack[],
  options: TwinOptions = {},
): Promise<Twin> {
  const stacks = typeof assembly === 'string' ? loadAssembly(assembly) : assembly;
  const template = createTemplate(stacks, options.labelOf);
  const faultPlan = readPlan(options.faults ?? { rules: [] });

  const { port = 0, memory = false, pagesPath = '/_twin', seed } = options;
  const { longestWindowMs, environmentsPerFunction, variables = () => ({}) } = options;
  const report = inOneLine(options.report ?? console.error);
  const { explainedGrants = [], folder = join(process.cwd(), '.twin') } = options;
  const onLoss = (message: string) => (options.onLoss ?? report)(namingFullDisk(message));
  const dataFolder = memory ? undefined : folder;
  const clock = createClock();
  const outages = new Outages({ clock, report });
  const callers = createCallers();
  const proxy = new AwsProxy({ callers, report });
  const engine = new FauxqsEngine();
  // Mappings ask the faults, and the faults end environments of `lambda`, which is made below: only `kill` reads it.
  const faults = new Faults({ clock, kill: (label, id) => lambda.functions.kill(label, id) });
  const marks = new Marks(dataFolder && join(dataFolder, 'marks'));
  const awsSeries = new AwsSeries();
  const metricStore = new MetricStore();
  const context: ServiceContext = {
    // Added up for the pages, and by the minute for alarms.
    metrics: {
      add: (measurement) => {
        awsSeries.add(measurement);
        metricStore.add(measurement);
      },
    },
    ...{ clock, outages, faults, proxy, report, onLoss, dataFolder, marks },
    logFolder: join(folder, 'logs'),
  };

  const measures = [createTableMetrics(template, context), createStreamMetrics(template, context)];
  const meter = createCallMeter((call) => {
    for (const measure of measures) measure(call);
  });
  const iam = createIam(template, { report, explainedGrants });
  const lambda = createLambda(template, {
    ...{ ...context, callers, longestWindowMs, environmentsPerFunction },
    variables: (label) => variables(label, `${apiGateway.url()}${pagesPath}`),
    holdsRecord: (...position) => kinesis.holdsRecord(...position),
  });
  const { functions, invocations } = lambda;
  const eventBridge = createEventBridge(template, { ...context, invocations });
  const kinesis = createKinesis(template, context);
  const sqs = createSqs(template, { ...context, engine });
  const s3 = createS3(template, { ...context, engine, invocations, putEvent: eventBridge.putEvent });
  const cloudWatch = createCloudWatch(template, {
    ...{ ...context, functionLabels: functions.labels, store: metricStore, aws: awsSeries },
    putEvent: eventBridge.putEvent,
  });
  const waf = createWaf(template, context);
  const state = async (): Promise<TwinState> => ({
    streams: await kinesis.state(),
    buckets: await s3.state(),
    queues: await sqs.state(),
    ...lambda.state(),
  });
  const account = createAccount(template);
  const core: Service[] = [
    {
      name: 'calls',
      steps: [meter.step, outages.step],
      pages: callPages(meter),
      phases: { proxy: [outages] },
    },
    iam,
    {
      name: 'faults',
      steps: [faults.step],
      pages: faultPages(faults),
      phases: {
        faults: [
          { name: 'the faults', start: async () => faults.load(faultPlan), end: async () => faults.clear() },
        ],
      },
    },
  ];
  /** In the order of their steps: those that notify others of a change come last. */
  const services: Service[] = [
    ...core,
    account,
    ...createDynamoDb(template, context),
    kinesis,
    sqs,
    s3,
    createSns(template, { ...context, engine, invocations }),
    lambda,
    eventBridge,
    cloudWatch,
    createCloudFormation(template, account.bootstrapVersion),
    waf,
  ];
  const pages: Pages = Object.assign(
    { ...options.pages, ...statePages(state), ...clockPages(clock) },
    ...services.map((service) => service.pages),
  );
  const apiGateway = createApiGateway(template, {
    ...{ ...context, port, functions },
    firewallOf: waf.firewallOf,
    page: createPages(pagesPath, pages),
  });
  const groups = () => [...apiGateway.accessLogs, ...functions.logGroups()];
  const logs = createLogs({ template, ...context, invocations, groups });
  const all: readonly Service[] = [...services, apiGateway, logs];
  proxy.connect({
    steps: all.flatMap(({ steps = [] }) => steps),
    destinations: Object.fromEntries(
      all.flatMap(({ name, destination }) => (destination === undefined ? [] : [[name, destination]])),
    ),
  });

  const stop = await startInPhases([
    {
      claim: dataFolder === undefined ? [] : [createFolderLock(dataFolder)],
      marks: [marks],
      engines: [engine],
      proxy: [proxy],
      seed: seed === undefined ? [] : [once('the seed', () => seed(proxy.url))],
    },
    ...all.map(({ phases = {} }) => phases),
  ]);
  for (const line of describeUnread(findUnread(template))) report(line);

  return {
    url: apiGateway.url(),
    apiUrls: apiGateway.urls(),
    proxyUrl: proxy.url,
    template,
    clock,
    functions,
    events: eventBridge.events,
    metrics: cloudWatch.metrics,
    metricStore,
    alarms: cloudWatch.alarms,
    faults,
    calls: meter.calls,
    resetCalls: meter.reset,
    grants: iam.grants,
    state,
    invoke: (functionName, event) => functions.invokeByName(functionName, event),
    stop,
  };
}
