// Plans that are not right are refused with the place and what would be right there.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { InvalidFaultPlan, readPlan } from '../../src/faults/plan.ts';
import { readPlanFile } from '../../src/faults/plan-file.ts';

const on = { operation: 'PutRecords' };
const throttle = { kind: 'throttle' };
const consume = { caller: 'consume' };
const one = (rule: unknown) => ({ rules: [rule] });

it.each([
  ['no rules', {}, 'rules must be a list of rules.'],
  ['nothing', null, 'The plan must be an object with seed, rules.'],
  ['an unknown key', { rules: [], sed: 1 }, 'The plan has no sed; it takes seed, rules.'],
  ['a broken seed', { seed: 1.5, rules: [] }, 'seed must be a whole number.'],
  ['a rule that is a word', one('throttle'), 'rules[0] must be an object with name, on, do, when.'],
  [
    'a rule about nothing',
    one({ do: throttle }),
    'rules[0].on must be an object with caller, service, operation, resource, text.',
  ],
  [
    'a target that is not known',
    one({ on: { table: 'pages' }, do: throttle }),
    'rules[0].on has no table; it takes caller, service, operation, resource, text.',
  ],
  [
    'no operation in the list',
    one({ on: { operation: [] }, do: throttle }),
    'rules[0].on.operation must be the name of an operation as the page of calls shows it, or a list of such names.',
  ],
  [
    'an action that is not known',
    one({ on, do: { kind: 'explode' } }),
    'rules[0].do.kind must be one of throttle, error, latency, drop_answer, partial, kill, stop, deliver_twice.',
  ],
  [
    'an action that is a word',
    one({ on, do: 'throttle' }),
    'rules[0].do must be an object with a kind, one of throttle, error, latency, drop_answer, partial, kill, stop, deliver_twice.',
  ],
  [
    'a setting of another action',
    one({ on, do: { ...throttle, ms: 1 } }),
    'rules[0].do has no ms; it takes kind.',
  ],
  [
    'an error that is none',
    one({ on, do: { kind: 'error', status: 200 } }),
    'rules[0].do.status must be a whole number from 400 to 599.',
  ],
  [
    'a refusal without a code',
    one({ on, do: { kind: 'error', status: 404 } }),
    'rules[0].do.code must be given with the status 404: a service has many such errors.',
  ],
  [
    'a code that could be no code',
    one({ on, do: { kind: 'error', code: '<Code>' } }),
    'rules[0].do.code must be an error code of the service, in letters.',
  ],
  [
    'a latency in words',
    one({ on, do: { kind: 'latency', ms: '1s' } }),
    'rules[0].do.ms must be whole milliseconds, or [least, most] of them.',
  ],
  [
    'a latency the wrong way round',
    one({ on, do: { kind: 'latency', ms: [5, 1] } }),
    'rules[0].do.ms must be [least, most], the lesser first.',
  ],
  [
    'a share in percent',
    one({ on, do: { kind: 'partial', share: 30 } }),
    'rules[0].do.share must be a number from 0 to 1.',
  ],
  [
    'a part of what has no parts',
    one({ on: { operation: ['PutRecords', 'PutItem'] }, do: { kind: 'partial', share: 0.5 } }),
    'rules[0].on.operation must be of those that can fail in part: PutRecords, BatchExecuteStatement, BatchWriteItem, BatchGetItem.',
  ],
  [
    'parts of another service',
    one({ on: { ...on, service: 's3' }, do: { kind: 'partial', share: 0.5 } }),
    'rules[0].on.service must be kinesis.',
  ],
  [
    'parts of a service without any',
    one({ on: { service: 's3' }, do: { kind: 'partial', share: 0.5 } }),
    'rules[0].on.service must be kinesis or dynamodb.',
  ],
  [
    'a code for what comes back without one',
    one({ on: { operation: 'BatchGetItem' }, do: { kind: 'partial', share: 1, code: 'X' } }),
    'rules[0].do.code has no place here: BatchGetItem gives back what it left, without a code.',
  ],
  [
    'a kill at no moment',
    one({ on, do: { kind: 'kill' } }),
    "rules[0].do.moment must be 'before' or 'after' the call takes effect.",
  ],
  [
    'the killing of an operator',
    one({ on: { caller: 'operator' }, do: { kind: 'kill', moment: 'after' } }),
    'rules[0].on.caller must be a function: an operator cannot be killed.',
  ],
  [
    'a stop of nobody',
    one({ on: {}, do: { kind: 'stop' } }),
    'rules[0].on.caller must be the function to which an event source mapping delivers.',
  ],
  [
    'a stop of a call',
    one({ on: { ...consume, ...on }, do: { kind: 'stop' } }),
    'rules[0].on.operation has no place here: this is about deliveries and no call.',
  ],
  [
    'a stop of some times',
    one({ on: consume, do: { kind: 'stop' }, when: { times: 1 } }),
    'rules[0].when.times has no place here: what is stopped is stopped for a time, by after_ms and for_ms.',
  ],
  [
    'a delivery that is twice somehow',
    one({ on: consume, do: { kind: 'deliver_twice' } }),
    'rules[0].do.together must be true (at the same time) or false (one after the other).',
  ],
  [
    'a stream that the call does not name',
    one({ on: { operation: 'GetRecords', resource: 'events' }, do: throttle }),
    'rules[0].on.resource has no place here: GetRecords names an iterator and no stream.',
  ],
  [
    'moments that cannot be',
    {
      rules: [
        { on, do: throttle },
        { on, do: throttle, when: { after_ms: -1, for_ms: 0, skip: 0.5, times: 0 } },
      ],
    },
    [
      'rules[1].when.after_ms must be a whole number of milliseconds.',
      'rules[1].when.for_ms must be a whole number of milliseconds, from 1.',
      'rules[1].when.skip must be how many matching calls pass first, a whole number.',
      'rules[1].when.times must be how often at most, a whole number from 1.',
    ].join('\n'),
  ],
])('refuses %s', (_name, plan, message) => {
  expect(() => readPlan(plan)).toThrow(new InvalidFaultPlan(message));
});

it('takes a plan with all that there is', () => {
  const plan = {
    seed: 7,
    rules: [
      { name: 'slow', on: { service: 's3', resource: 'failed*' }, do: { kind: 'latency', ms: [1, 2] } },
      { on, do: { kind: 'error', status: 400, code: 'ResourceNotFoundException', message: 'gone' } },
      { on, do: { kind: 'partial', share: 0.5, code: 'InternalFailure' } },
      { on: { caller: 'ingest' }, do: { kind: 'kill', moment: 'after' }, when: { skip: 1, times: 1 } },
      { on: consume, do: { kind: 'stop' }, when: { after_ms: 0, for_ms: 1 } },
      { on: consume, do: { kind: 'deliver_twice', together: true }, when: { share: 0.1 } },
      { on: { operation: ['GetItem', 'Query'] }, do: { kind: 'drop_answer' } },
    ],
  };

  expect(readPlan(plan)).toEqual(plan);
});

const folder = mkdtempSync(join(tmpdir(), 'weir-faults-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fileOf = (text: string) => {
  const file = join(folder, 'plan.json');
  writeFileSync(file, text);
  return file;
};

it('reads a plan from a file, with the seed 1 where it has none', async () => {
  expect(await readPlanFile(fileOf('{"rules": []}'))).toEqual({ seed: 1, rules: [] });
});

it.each([
  ['that is no JSON', '{', /plan\.json is no fault plan: .*JSON/],
  ['with a rule that is not right', '{"rules": [{}]}', /plan\.json is no fault plan: rules\[0\]\.on must be/],
])('names the file %s', async (_name, text, message) => {
  await expect(readPlanFile(fileOf(text))).rejects.toThrow(message);
});

it('the example of the documents is a plan', async () => {
  expect((await readPlanFile('docs/operate/faults.example.json')).rules.length).toBeGreaterThan(0);
});
