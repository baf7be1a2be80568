// What Kinesis measures of what is put on a stream of the template, by the stream.
// https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html

import { isJsonRecord, type JsonRecord } from '../../core/json-record.ts';
import type { MeteredCall } from '../../core/proxy/call-meter.ts';
import { type MetricSource, putMetrics } from '../../core/put-metrics.ts';
import type { ServiceContext } from '../../core/service.ts';
import { resourcesOf } from '../../faults/named-resources.ts';
import type { Template } from '../../template/template.ts';

const throttled = 'ProvisionedThroughputExceededException';

export function createStreamMetrics(
  template: Pick<Template, 'resources'>,
  { metrics, clock }: Pick<ServiceContext, 'metrics' | 'clock'>,
): (metered: MeteredCall) => void {
  let streams: ReadonlyMap<string, MetricSource> | undefined;
  return (metered) => {
    const { call, input, answer, elapsedMs } = metered;
    const { service, operation } = call;
    if (service !== 'kinesis' || (operation !== 'PutRecord' && operation !== 'PutRecords')) return;
    // What is no JSON cannot be counted.
    if (input === undefined) return;
    // Read at the first call: then the template is known to be sound.
    streams ??= new Map(
      template
        .resources('AWS::Kinesis::Stream')
        .map(({ name: StreamName }) => [
          StreamName,
          { namespace: 'AWS/Kinesis', dimensionSets: [{ StreamName }] },
        ]),
    );
    const source = streams.get(resourcesOf(call)[0] ?? '');
    if (source === undefined) return;
    const { sent, put, bytes, refused } = outcomeOf(metered);
    putMetrics(metrics, source, clock.now(), {
      IncomingRecords: [put > 0 ? put : undefined, 'Count'],
      IncomingBytes: [put > 0 ? bytes : undefined, 'Bytes'],
      WriteProvisionedThroughputExceeded: [refused, 'Count'],
      [`${operation}.Success`]: [put > 0 ? 1 : 0, 'Count'],
      [`${operation}.Latency`]: [answer.status < 300 ? elapsedMs : undefined, 'Milliseconds'],
      ...(operation === 'PutRecords' && {
        'PutRecords.TotalRecords': [sent, 'Count'],
        'PutRecords.SuccessfulRecords': [put, 'Count'],
        'PutRecords.FailedRecords': [sent - put - refused, 'Count'],
        'PutRecords.ThrottledRecords': [refused, 'Count'],
      }),
    });
  };
}

function outcomeOf({ call, input, output, answer }: MeteredCall) {
  const records = call.operation === 'PutRecord' ? [input ?? {}] : recordsIn(input?.Records);
  const sent = records.length;
  if (answer.status >= 300) {
    const isThrottled = String(output?.__type ?? '').endsWith(throttled);
    return { sent, put: 0, bytes: 0, refused: isThrottled ? sent : 0 };
  }
  const errors = recordsIn(output?.Records).map(({ ErrorCode }) => ErrorCode);
  let put = 0;
  let bytes = 0;
  for (const [index, { Data }] of records.entries()) {
    if (errors[index] !== undefined) continue;
    put += 1;
    bytes += bytesIn(String(Data ?? ''));
  }
  return { sent, put, bytes, refused: errors.filter((code) => code === throttled).length };
}

/** Of what base64 stands for. */
function bytesIn(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

function recordsIn(value: unknown): readonly JsonRecord[] {
  return Array.isArray(value) ? value.filter(isJsonRecord) : [];
}
