import { describe, expect, it } from 'vitest';
import { checkStage, InvalidStage } from '../../../lib/stage/stage-settings.ts';
import { selectStages, stages } from '../../../lib/stage/stages.ts';
import { resourcesOf, stageNamed, synthesize } from '../synthesize.ts';

const dev = stageNamed('dev');

const { streams } = dev;

const people = {
  issuer: 'https://issuer.test',
  jwksUri: 'https://issuer.test/keys',
  audience: 'weir',
  identity: 'sub',
};

const told = { page: [{ mail: 'a@b.example' }], ticket: [{ mail: 'a@b.example' }], report: [] };

function errorAfter(change: Record<string, unknown>): string {
  try {
    checkStage({ ...dev, ...change });
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidStage);
    return (error as Error).message;
  }
  throw new Error('The stage was accepted.');
}

describe('a stage', () => {
  it('of the list is valid', () => {
    expect(selectStages(undefined)).toEqual(stages);
    expect(stages.map((stage) => stage.name)).toEqual(expect.arrayContaining(['dev', 'prod', 'emulator']));
  });

  it.each([
    ['streamRetentionHours', { streamRetentionHours: 23 }, 'from 24 to 8760'],
    ['streamRetentionHours', { maxRecordAgeHours: 22 }, 'at least maxRecordAgeHours and the 3 hours'],
    ['maxRecordAgeHours', { maxRecordAgeHours: 2 }, 'from 3 to 168'],
    ['maxRecordAgeHours', { maxRecordAgeHours: 169, streamRetentionHours: 888 }, 'from 3 to 168'],
    ['maxRecordAgeHours', { maxRecordAgeHours: undefined }, 'from 3 to 168'],
    ['streamRetentionHours', { streamRetentionHours: 38 * 24 }, 'at most 888 hours'],
    ['streams', { streams: undefined }, 'an object with standard, priority'],
    [
      'streams.standard.mode',
      { streams: { ...streams, standard: { mode: 'elastic' } } },
      "{ mode: 'on-demand' }",
    ],
    [
      'streams.standard.shards',
      { streams: { ...streams, standard: { mode: 'provisioned' } } },
      'from 1 to 500',
    ],
    [
      'streams.standard.mode',
      { streams: { ...streams, standard: { leftOut: true, reason: 'no need of it' } } },
      'mode',
    ],
    ['streams.priority', { streams: { standard: streams.standard } }, 'leftOut'],
    ['streams.priority', { streams: { ...streams, priority: { leftOut: true } } }, 'reason'],
    ['lateEvents', { lateEvents: undefined }, 'leftOut'],
    ['lateEvents', { lateEvents: { leftOut: true } }, 'reason'],
    ['slots', { slots: undefined }, 'must be { automatic: true, most }'],
    ['slots.most', { slots: { automatic: true, most: 1 } }, 'from 2 to 8'],
    ['slots.most', { slots: { automatic: false, most: 9, reason: 'no more are needed' } }, 'from 1 to 8'],
    ['slots.reason', { slots: { automatic: false, most: 8 } }, 'say why'],
    ['protect', { protect: 'yes' }, 'true or false'],
    ['logRetentionDays', { logRetentionDays: 8 }, '1, 3, 5, 7'],
    ['logRetentionDays', { logRetentionDays: undefined }, '1, 3, 5, 7'],
    ['parallelizationFactor', { parallelizationFactor: 11 }, 'from 1 to 10'],
    ['failedRecordsRetentionDays', { failedRecordsRetentionDays: 0 }, 'from 1 to 30'],
    ['failedRecordsRetentionDays', { failedRecordsRetentionDays: 31 }, 'from 1 to 30'],
    ['region', { region: 'Frankfurt' }, 'eu-central-1'],
    ['region', { region: 'eu-centrl-1' }, 'a region that the CDK knows'],
    ['name', { name: 'Prod EU' }, '2 to 16 lower-case letters and digits'],
    ['name', { name: undefined }, '2 to 16 lower-case letters and digits'],
    ['region', { region: 5 }, 'a region that the CDK knows'],
    ['planKeys', { planKeys: false }, 'leftOut'],
    ['notify', { notify: undefined }, 'must be { page, ticket, report }'],
    ['notify.page', { notify: { page: [], ticket: [{ mail: 'a@b.example' }], report: [] } }, 'at least one'],
    ['notify.report.0.mail', { notify: { ...told, report: [{ mail: 'nobody' }] } }, 'an address of mail'],
    ['notify.page.0.https', { notify: { ...told, page: [{ https: 'http://a.example' }] } }, 'an https URL'],
    [
      'notify',
      { notify: told, alarms: { leftOut: true, reason: 'there is nobody to wake' } },
      'must be left out, as alarms are',
    ],
    ['offPeak', { offPeak: undefined }, '{ hours, factor }, or { leftOut: true, reason }'],
    ['offPeak.hours', { offPeak: { hours: [6, 6], factor: 2 } }, 'two different hours'],
    ['offPeak', { offPeak: { hours: [6], factor: 2 } }, '{ hours, factor }'],
    ['offPeak.hours.1', { offPeak: { hours: [18, 24], factor: 2 } }, 'from 0 to 23'],
    ['offPeak.factor', { offPeak: { hours: [22, 6], factor: 1 } }, 'above 1, and at most 10'],
    ['offPeak.factor', { offPeak: { hours: [22, 6], factor: 11 } }, 'above 1, and at most 10'],
    ['firewall', { firewall: undefined }, '{ requestsPerMinute }, or { leftOut: true, reason }'],
    ['firewall.requestsPerMinute', { firewall: { requestsPerMinute: 9 } }, 'from 10 to 2000000000'],
    ['reservedConcurrency', { reservedConcurrency: undefined }, 'an object with authorize, ingest,'],
    [
      'reservedConcurrency.reprt',
      { reservedConcurrency: { ...dev.reservedConcurrency, reprt: 1 } },
      'no such setting; known are authorize, ingest, consume, consume-late, consume-priority, manage, measure, read, report, review, settle',
    ],
    [
      'streams.standard.shards',
      { streams: { ...streams, standard: { mode: 'on-demand', shards: 2 } } },
      'no such setting; known are mode',
    ],
    ['tracing.reason', { tracing: { leftOut: true, reason: ' '.repeat(15) } }, 'say why'],
    ['alarms', { alarms: false }, 'leftOut'],
    ['deploys', { deploys: true }, '{ canary: true }, or { leftOut: true, reason }'],
    ['deploys', { deploys: { canary: false } }, '{ canary: true }, or { leftOut: true, reason }'],
    ['people', { people: undefined }, 'leftOut'],
    ['people', { people: { ...people, jwksUri: undefined } }, '{ issuer, jwksUri, audience, identity'],
    ['people.issuer', { people: { ...people, issuer: 'http://issuer.test' } }, 'an https URL'],
    ['people.jwksUri', { people: { ...people, jwksUri: 'https://issuer.test/keys?x=1' } }, 'without a query'],
    ['people.audience', { people: { ...people, audience: '' } }, '1 to 255 characters'],
    ['people', { people: { ...people, identity: 'name' } }, "identity: 'sub' or 'email'"],
    ['people.rolesClaim', { people: { ...people, rolesClaim: '' } }, 'the name of a claim'],
    ['people.jwksUrl', { people: { ...people, jwksUrl: 'https://issuer.test/keys' } }, 'no such setting'],
    ['people.reason', { people: { leftOut: true, reason: 'no' } }, 'say why'],
    ['tracing', { tracing: { leftOut: true } }, 'reason'],
    [
      'reservedConcurrency.consume',
      { reservedConcurrency: { ...dev.reservedConcurrency, consume: 0 } },
      'from 1 to 1000, or { unreserved: true, reason }',
    ],
    [
      'reservedConcurrency.read.reason',
      { reservedConcurrency: { ...dev.reservedConcurrency, read: { unreserved: true, reason: '' } } },
      'say why',
    ],
  ])(
    'with a wrong %s is refused with its name, the setting and what would be right',
    (setting, change, right) => {
      const message = errorAfter(change);

      expect(message).toContain(`Stage "${'name' in change ? String(change.name) : 'dev'}"`);
      expect(message).toContain(`${setting}: `);
      expect(message).toContain(right);
    },
  );

  it('with a misspelt setting is refused with a list of the known ones', () => {
    const message = errorAfter({ logRetentionDay: 7 });

    expect(message).toContain('logRetentionDay: no such setting');
    expect(message).toContain('logRetentionDays');
  });

  it('needs a consumer for every lane of its shards, or records would wait', () => {
    const message = errorAfter({
      streams: { ...streams, standard: { mode: 'provisioned', shards: 4 } },
      parallelizationFactor: 2,
      reservedConcurrency: { ...dev.reservedConcurrency, consume: 7 },
    });

    expect(message).toContain(
      'reservedConcurrency: consume must be at least shards × parallelizationFactor, 8',
    );
    expect(
      errorAfter({
        lateEvents: { streamCapacity: { mode: 'provisioned', shards: 3 } },
        reservedConcurrency: { ...dev.reservedConcurrency, 'consume-late': 2 },
      }),
    ).toContain('reservedConcurrency: consume-late must be at least shards × parallelizationFactor, 3');
    expect(
      errorAfter({
        streams: { ...streams, priority: { mode: 'provisioned', shards: 2 } },
        reservedConcurrency: { ...dev.reservedConcurrency, 'consume-priority': 1 },
      }),
    ).toContain('reservedConcurrency: consume-priority must be at least shards × parallelizationFactor, 2');
  });

  it('spreads no account over slots that would share the one shard', () => {
    const oneShard = { streams: { ...streams, standard: { mode: 'provisioned', shards: 1 } } };
    const slots = { automatic: false, most: 2, reason: 'operators decide by themselves' };
    const refused = 'slots: most must be 1: all slots would share the one shard';

    expect(errorAfter(oneShard)).toContain(refused);
    expect(errorAfter({ ...oneShard, slots })).toContain(refused);
    expect(checkStage({ ...dev, ...oneShard, slots: { ...slots, most: 1 } }).slots.most).toBe(1);
    const twoShards = { streams: { ...streams, standard: { mode: 'provisioned', shards: 2 } } };
    expect(checkStage({ ...dev, ...twoShards, slots }).slots.most).toBe(2);
  });

  it('can have hours in which accounts may send more, through midnight too', () => {
    const offPeak = { hours: [22, 6], factor: 2.5 };

    expect(checkStage({ ...dev, offPeak }).offPeak).toEqual(offPeak);
  });

  it('does not let one address send all that authorize takes', () => {
    const reservedConcurrency = { ...dev.reservedConcurrency, authorize: 10 };

    expect(errorAfter({ reservedConcurrency, firewall: { requestsPerMinute: 6000 } })).toContain(
      'firewall: requestsPerMinute must be less than 6000',
    );
    expect(checkStage({ ...dev, reservedConcurrency, firewall: { requestsPerMinute: 5999 } })).toBeDefined();
    expect(checkStage({ ...dev, firewall: { requestsPerMinute: 6000 } })).toBeDefined();
  });

  it('can have people, with or without a claim of their roles', () => {
    for (const more of [{}, { identity: 'email', rolesClaim: 'https://weir.example/roles' }])
      expect(checkStage({ ...dev, people: { ...people, ...more } }).people).toEqual({ ...people, ...more });
  });

  it('in production takes what has waited for two days, and the stream keeps it a day longer', () => {
    expect(stageNamed('prod')).toMatchObject({ maxRecordAgeHours: 48, streamRetentionHours: 72 });
  });
});

describe('selecting stages', () => {
  it('takes the one that is named', () => {
    expect(selectStages('prod').map((stage) => stage.name)).toEqual(['prod']);
  });

  it('refuses an unknown one and lists the known ones', () => {
    expect(() => selectStages('staging', [dev])).toThrow('There is no stage "staging". Known stages: dev.');
  });

  it('refuses two of the same name, because their stacks would be the same', () => {
    const prodAgain = { ...dev, region: 'eu-west-1' };

    expect(() => selectStages('dev', [dev, prodAgain])).toThrow('Two stages have the name "dev"');
  });

  it('takes the same stage in another region as one more entry', () => {
    const [stage] = selectStages('deveu', [dev, { ...dev, name: 'deveu', region: 'eu-west-1' }]);
    if (stage === undefined) throw new Error('The stage was not found.');
    const { stateful, stateless } = synthesize(stage);

    expect(resourcesOf(stateful, 'AWS::Kinesis::Stream')).toHaveLength(2);
    expect(JSON.stringify(stateless.toJSON())).toContain('weir-deveu-ingest');
    expect(JSON.stringify(stateless.toJSON())).not.toContain('weir-dev-');
  }, 120_000);

  it('checks each stage', () => {
    expect(() => selectStages(undefined, [{ ...dev, parallelizationFactor: 99 }])).toThrow(InvalidStage);
  });
});
