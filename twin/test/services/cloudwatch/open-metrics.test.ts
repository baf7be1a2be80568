import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AwsSeries } from '../../../src/services/cloudwatch/aws-series.ts';
import { renderOpenMetrics } from '../../../src/services/cloudwatch/open-metrics.ts';

const measurement = (more: object) => ({
  ...{ namespace: 'AWS/ApiGateway', name: '5XXError', dimensions: { ApiName: 'weir' }, unit: 'Count' },
  ...{ value: 1, timestampMs: 0 },
  ...more,
});

function textOf(...measurements: readonly object[]): string {
  const series = new AwsSeries();
  for (const each of measurements) series.add(measurement(each));
  return renderOpenMetrics(series.series());
}

it.each([
  [{}, 'aws_api_gateway_5xx_error_total{api_name="weir"} 1'],
  [{ namespace: 'AWS/Kinesis', name: 'PutRecords.Success' }, 'aws_kinesis_put_records_success_total'],
  [{ name: 'IncomingBytes', unit: 'Bytes' }, 'aws_api_gateway_incoming_bytes_sum'],
  [{ name: 'Depth', unit: 'None' }, 'aws_api_gateway_depth_none_count'],
  [{ dimensions: {} }, 'aws_api_gateway_5xx_error_total 1'],
  [{ dimensions: { Path: 'a"b\\c\nd' } }, 'total{path="a\\"b\\\\c\\nd"} 1'],
])('writes %j as %s', (given, expected) => {
  expect(textOf(given)).toContain(expected);
});

it('adds up what has the same dimensions, be they one object or another', () => {
  expect(textOf({ value: 2 }, { value: 3 })).toContain('aws_api_gateway_5xx_error_total{api_name="weir"} 5');
});

it('begins no more than 2,000 series', () => {
  const many = Array.from({ length: 2100 }, (_, index) => ({ dimensions: { TableName: `t${index}` } }));

  expect(textOf(...many).match(/_total/g)).toHaveLength(2000);
});

const sample =
  /^([a-z_][a-z0-9_]*)(\{[a-z_][a-z0-9_]*="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_][a-z0-9_]*="(?:[^"\\\n]|\\["\\n])*")*\})? -?\d[\d.e+-]*$/;
const names = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 });

it('keeps the grammar, whatever things are called: each family once, then the end', () => {
  const measurements = fc.array(
    fc.record({
      namespace: names,
      name: names,
      unit: fc.constantFrom('Count', 'Milliseconds', 'Bytes', 'None', 'Percent'),
      dimensions: fc.dictionary(fc.constantFrom('A b', 'quantile', 'TableName'), names, { maxKeys: 3 }),
      value: fc.integer({ min: 0, max: 1_000_000 }),
    }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(measurements, (given) => {
      const lines = textOf(...given).split('\n');
      expect(lines.slice(-2)).toEqual(['# EOF', '']);
      const types = lines.filter((line) => line.startsWith('# TYPE'));
      expect(new Set(types.map((line) => line.split(' ')[2])).size).toBe(types.length);
      for (const line of lines.slice(0, -2)) if (!line.startsWith('#')) expect(line).toMatch(sample);
    }),
    { seed: 65, numRuns: 300 },
  );
});
