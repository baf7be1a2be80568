// What DynamoDB measures of each call to a table of the template, as its caller sees it: what a fault rule answers or
// delays is measured too.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html

import { isJsonRecord, type JsonRecord } from '../../core/json-record.ts';
import { itemsOf } from '../../core/proxy/call-items.ts';
import type { MeteredCall } from '../../core/proxy/call-meter.ts';
import { readPartiQl } from '../../core/proxy/partiql.ts';
import { type MetricSource, putMetrics } from '../../core/put-metrics.ts';
import type { ServiceContext } from '../../core/service.ts';
import { resourcesOf } from '../../faults/named-resources.ts';
import type { Template } from '../../template/template.ts';

const namespace = 'AWS/DynamoDB';
const account: MetricSource = { namespace, dimensionSets: [{}] };

const reads = new Set(['BatchGetItem', 'GetItem', 'Query', 'Scan', 'TransactGetItems']);
/** Of whole calls, and of statements of a batch. */
const throttles = new Set([
  'ProvisionedThroughputExceeded',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingError',
  'ThrottlingException',
]);
const failedConditions = new Set(['ConditionalCheckFailed', 'ConditionalCheckFailedException']);
/** Refusals that say nothing about how the caller asks. */
const noUserErrors = new Set([...throttles, ...failedConditions, 'TransactionCanceledException']);

type TableSources = { readonly ofTable: MetricSource; readonly byOperation: Map<string, MetricSource> };

export function createTableMetrics(
  template: Pick<Template, 'resources'>,
  { metrics, clock }: Pick<ServiceContext, 'metrics' | 'clock'>,
): (metered: MeteredCall) => void {
  const tables = sourcesOf(template);
  return (metered) => {
    const { call, answer, elapsedMs } = metered;
    if (call.service !== 'dynamodb') return;
    const code = codeOf(metered.output);
    const nowMs = clock.now();
    if (answer.status >= 400 && answer.status < 500 && !noUserErrors.has(code))
      putMetrics(metrics, account, nowMs, { UserErrors: [1, 'Count'] });
    const outcome = outcomeOf(metered, code);
    for (const name of new Set(resourcesOf(call))) {
      const table = tables().get(name);
      if (table === undefined) continue;
      putMetrics(metrics, ofOperation(table, call.operation), nowMs, {
        SuccessfulRequestLatency: [answer.status < 300 ? elapsedMs : undefined, 'Milliseconds'],
        ThrottledRequests: [outcome.isThrottled ? 1 : undefined, 'Count'],
        SystemErrors: [answer.status >= 500 ? 1 : undefined, 'Count'],
      });
      const { isRead } = outcome;
      putMetrics(metrics, table.ofTable, nowMs, {
        ConditionalCheckFailedRequests: [outcome.failedConditions || undefined, 'Count'],
        [isRead ? 'ReadThrottleEvents' : 'WriteThrottleEvents']: [
          outcome.throttleEvents || undefined,
          'Count',
        ],
        [isRead ? 'ConsumedReadCapacityUnits' : 'ConsumedWriteCapacityUnits']: [
          outcome.units.get(name),
          'Count',
        ],
      });
    }
  };
}

/** Read at the first call: then the template is known to be sound. */
function sourcesOf(template: Pick<Template, 'resources'>): () => ReadonlyMap<string, TableSources> {
  let known: ReadonlyMap<string, TableSources> | undefined;
  return () => {
    known ??= new Map(
      template.resources('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable').map(({ name: TableName }) => {
        const ofTable = { namespace, dimensionSets: [{ TableName }] };
        return [TableName, { ofTable, byOperation: new Map<string, MetricSource>() }] as const;
      }),
    );
    return known;
  };
}

function ofOperation({ ofTable, byOperation }: TableSources, Operation: string): MetricSource {
  const known = byOperation.get(Operation);
  if (known !== undefined) return known;
  const made = { namespace, dimensionSets: ofTable.dimensionSets.map((each) => ({ ...each, Operation })) };
  byOperation.set(Operation, made);
  return made;
}

function outcomeOf({ call, input, output }: MeteredCall, code: string) {
  const statements = recordsIn(output?.Responses).map(({ Error: error }) =>
    isJsonRecord(error) ? String(error.Code) : '',
  );
  const throttledStatements = statements.filter((each) => throttles.has(each)).length;
  const unprocessed = unprocessedIn(output);
  const isWhole = throttles.has(code);
  const items = itemsOf(call.operation, input, output);
  const throttleEvents = isWhole ? Math.max(1, items) : throttledStatements + unprocessed;
  return {
    isRead: isRead(call.operation, input),
    isThrottled: isWhole || (throttleEvents > 0 && throttleEvents >= items),
    throttleEvents,
    failedConditions:
      statements.filter((each) => failedConditions.has(each)).length + (failedConditions.has(code) ? 1 : 0),
    units: unitsIn(output),
  };
}

function isRead(operation: string, input: JsonRecord | undefined): boolean {
  if (reads.has(operation)) return true;
  const [first] = [input, ...recordsIn(input?.Statements), ...recordsIn(input?.TransactStatements)].flatMap(
    (each) => (typeof each?.Statement === 'string' ? [each.Statement] : []),
  );
  return first !== undefined && readPartiQl(first)?.verb === 'SELECT';
}

/** Items and keys of a batch that DynamoDB sends back: it had no throughput for them. */
function unprocessedIn(output: JsonRecord | undefined): number {
  const ofTables = [output?.UnprocessedItems, output?.UnprocessedKeys].flatMap((each) =>
    isJsonRecord(each) ? Object.values(each) : [],
  );
  return ofTables.reduce<number>((sum, ofTable) => {
    const list = isJsonRecord(ofTable) ? ofTable.Keys : ofTable;
    return sum + (Array.isArray(list) ? list.length : 0);
  }, 0);
}

/** By the name of the table. */
function unitsIn(output: JsonRecord | undefined): ReadonlyMap<string, number> {
  const units = new Map<string, number>();
  const consumed = output?.ConsumedCapacity;
  for (const { TableName, CapacityUnits } of isJsonRecord(consumed) ? [consumed] : recordsIn(consumed))
    units.set(String(TableName), (units.get(String(TableName)) ?? 0) + Number(CapacityUnits ?? 0));
  return units;
}

function codeOf(output: JsonRecord | undefined): string {
  const type = output?.__type;
  return typeof type === 'string' ? (type.split('#').at(-1) ?? '') : '';
}

function recordsIn(value: unknown): readonly JsonRecord[] {
  return Array.isArray(value) ? value.filter(isJsonRecord) : [];
}
