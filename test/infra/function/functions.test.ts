import { describe, expect, it } from 'vitest';
import { requestTimeMs } from '../../../domain/api/routes.ts';
import { functionVerbs } from '../../../domain/system/stage-names.ts';
import { heapOptions } from '../../../lib/function/weir-function.ts';
import { readHeap } from '../../../lib/hops/read.ts';
import { functionsOfStage } from '../../../lib/stage/stage-settings.ts';
import { stages } from '../../../lib/stage/stages.ts';
import {
  only,
  type Resource,
  resourcesOf,
  stageNamed,
  synthesize,
  type Templates,
  wholeStage,
} from '../synthesize.ts';

const dev = synthesize(wholeStage);
const prod = synthesize(stageNamed('prod'));
const emulator = synthesize(stageNamed('emulator'));

type Statement = { Action: string | string[]; Resource: unknown; Condition?: unknown };

function functionOf(verb: string, { stateless } = dev): Resource {
  return only(
    resourcesOf(stateless, 'AWS::Lambda::Function').filter(({ Properties }) =>
      Properties.FunctionName.endsWith(`-${verb}`),
    ),
  );
}

function statementsOf(verb: string, templates: Templates = dev): readonly Statement[] {
  const role = functionOf(verb, templates).Properties.Role['Fn::GetAtt'][0];
  return resourcesOf(templates.stateless, 'AWS::IAM::Policy')
    .filter(({ Properties }) => Properties.Roles[0].Ref === role)
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement as Statement[]);
}

/** Statements as `Resource: actions`, without those that every function has. */
function grantsOf(verb: string): string[] {
  return statementsOf(verb)
    .map((statement) => ({ actions: [statement.Action].flat(), on: resourceNames(statement.Resource) }))
    .filter(({ actions }) => !/^(logs|xray):/.test(actions[0] ?? ''))
    .map(({ actions, on }) => `${on}: ${actions.join(' ')}`)
    .sort();
}

function resourceNames(resource: unknown): string {
  return [resource]
    .flat()
    .map((one) => {
      const text = JSON.stringify(one);
      const [, ofStream] = /FnGetAtt((?:Late|Priority)?Events)Stream/.exec(text) ?? [];
      const [, ofFunction, ofOther = ofFunction ?? text] =
        /Fn::GetAtt":\["(Settle)Function|(?:FnGetAtt(?:Tables|FailedRecords)|FnGetAtt(?=Reports)|Announcements|Reviews)([A-Z][a-z]+(?:Logs)?)/.exec(
          text,
        ) ?? [];
      const name = ofStream ?? ofOther;
      return name + (/"(\/[a-z/-]*\*)"/.exec(text)?.[1] ?? '');
    })
    .sort()
    .join(', ');
}

describe('every function', () => {
  it.each(functionVerbs)('%s sets memory, timeout, runtime and architecture', (verb) => {
    const { Properties } = functionOf(verb);

    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: expect.any(Number),
      Timeout: expect.any(Number),
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: expect.any(String) } },
    });
    expect(Properties.Environment.Variables).toMatchObject({
      NODE_OPTIONS: expect.stringMatching(/^--enable-source-maps/),
      POWERTOOLS_SERVICE_NAME: verb,
      POWERTOOLS_METRICS_NAMESPACE: 'Weir/dev',
    });
  });

  it('has the heap that V8 chooses, but for read, whose summaries are measured with a smaller one', () => {
    const options = functionVerbs.map(
      (verb) => functionOf(verb).Properties.Environment.Variables.NODE_OPTIONS,
    );

    const [small] = options.filter((each) => each !== '--enable-source-maps');
    expect(options.filter((each) => each === small)).toHaveLength(1);
    expect(functionOf('read').Properties.Environment.Variables.NODE_OPTIONS).toBe(
      `--enable-source-maps ${heapOptions(readHeap).join(' ')}`,
    );
  });

  it.each(['ingest', 'read'])(
    '%s has a longer timeout than the gateway, so that a slow request is a 504 and not a crash',
    (verb) => {
      expect(functionOf(verb).Properties.Timeout * 1000).toBeGreaterThan(requestTimeMs);
    },
  );

  it('has a reserved concurrency, or a reason in its stage why not', () => {
    for (const stage of stages) {
      const templates = { prod, emulator }[stage.name] ?? synthesize(stage);
      for (const verb of functionsOfStage(stage)) {
        const reservation = stage.reservedConcurrency[verb];
        const reserved = functionOf(verb, templates).Properties.ReservedConcurrentExecutions;
        if (typeof reservation === 'number') expect(reserved).toBe(reservation);
        else {
          expect(reserved).toBeUndefined();
          expect(reservation.reason).not.toBe('');
        }
      }
    }
  });

  it.each([
    ['authorize', ['ACCOUNTS_TABLE']],
    [
      'ingest',
      [
        'ACCOUNTS_TABLE',
        'AGGREGATES_TABLE',
        'EVENT_STREAM',
        'LATE_EVENT_STREAM',
        'LEDGER_TABLE',
        'PRIORITY_EVENT_STREAM',
      ],
    ],
    [
      'consume',
      [
        'ACCOUNTS_TABLE',
        'AGGREGATES_TABLE',
        'CLAIM_LOGS_TABLE',
        'IDENTITIES_TABLE',
        'LEDGER_TABLE',
        'PAGES_TABLE',
      ],
    ],
    [
      'manage',
      [
        'ACCOUNTS_TABLE',
        'AGGREGATES_TABLE',
        'CLAIM_LOGS_TABLE',
        'EVENT_STREAM',
        'IDENTITIES_TABLE',
        'LATE_EVENT_STREAM',
        'LEDGER_TABLE',
        'PAGES_TABLE',
        'PRIORITY_EVENT_STREAM',
      ],
    ],
    ['measure', ['AGGREGATES_TABLE']],
    ['read', ['AGGREGATES_TABLE', 'CLAIM_LOGS_TABLE', 'IDENTITIES_TABLE', 'LEDGER_TABLE', 'PAGES_TABLE']],
    ['announce', []],
    ['report', ['ACCOUNTS_TABLE', 'AGGREGATES_TABLE', 'LEDGER_TABLE']],
    ['tally', ['LEDGER_TABLE']],
    ['review', ['LEDGER_TABLE']],
    [
      'settle',
      [
        'ACCOUNTS_TABLE',
        'AGGREGATES_TABLE',
        'CLAIM_LOGS_TABLE',
        'IDENTITIES_TABLE',
        'LEDGER_TABLE',
        'PAGES_TABLE',
      ],
    ],
  ])('%s has the names of only the storage that it uses', (verb, expected) => {
    const names = Object.keys(functionOf(verb).Properties.Environment.Variables);

    expect(names.filter((name) => /_(TABLE|STREAM)$/.test(name)).sort()).toEqual(expected);
  });

  it('authorize alone knows the issuer of the people of a stage, and its off-peak hours, if it has them', () => {
    const people = {
      issuer: 'https://issuer.test',
      jwksUri: 'https://issuer.test/keys',
      audience: 'weir',
      identity: 'sub',
    } as const;
    const offPeak = { hours: [22, 6], factor: 2 } as const;
    const withBoth = synthesize({ ...wholeStage, people, offPeak });
    const settingsOf = (verb: string, templates = withBoth) => {
      const { PEOPLE, OFF_PEAK } = functionOf(verb, templates).Properties.Environment.Variables;
      return [PEOPLE, OFF_PEAK];
    };

    expect(settingsOf('authorize').map((text) => JSON.parse(text))).toEqual([people, offPeak]);
    expect(settingsOf('authorize', dev)).toEqual([undefined, undefined]);
    for (const verb of functionVerbs.filter((each) => each !== 'authorize'))
      expect(settingsOf(verb)).toEqual([undefined, undefined]);
  }, 120_000);

  it.each([
    [
      'authorize',
      [
        'Accounts: dynamodb:BatchGetItem',
        'Accounts: dynamodb:PutItem',
        'Accounts: dynamodb:PutItem',
        'Accounts: dynamodb:Query',
      ],
    ],
    [
      'announce',
      [
        'Accounts: dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams',
        'Bus: events:PutEvents',
      ],
    ],
    [
      'ingest',
      [
        'Accounts: dynamodb:GetItem',
        'Accounts: dynamodb:PutItem',
        'Aggregates: dynamodb:BatchGetItem',
        'Events, LateEvents, PriorityEvents: kinesis:PutRecords',
        'Ledger: dynamodb:GetItem dynamodb:PutItem',
        'Ledger: dynamodb:GetItem dynamodb:PutItem',
        'Ledger: dynamodb:PutItem',
        'Ledger: dynamodb:PutItem dynamodb:UpdateItem',
        'Ledger: dynamodb:Query',
        'Ledger: dynamodb:UpdateItem',
      ],
    ],
    [
      'consume',
      [
        'Accounts: dynamodb:BatchGetItem',
        'Aggregates: dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PartiQLInsert dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem',
        'Bucket/*: s3:PutObject',
        'Bucket: s3:ListBucket',
        'ClaimLogs: dynamodb:BatchGetItem dynamodb:PartiQLInsert dynamodb:Query dynamodb:UpdateItem',
        'Events: kinesis:DescribeStream kinesis:DescribeStreamSummary kinesis:GetRecords kinesis:GetShardIterator kinesis:ListShards',
        'Identities: dynamodb:BatchGetItem dynamodb:PartiQLInsert dynamodb:UpdateItem',
        'Ledger: dynamodb:DeleteItem dynamodb:PutItem',
        'Ledger: dynamodb:GetItem',
        'Ledger: dynamodb:PutItem',
        'Ledger: dynamodb:PutItem',
        'Pages: dynamodb:BatchWriteItem',
      ],
    ],
    [
      'manage',
      [
        'Accounts, Aggregates, ClaimLogs, Identities, Ledger, Pages: dynamodb:GetItem',
        'Accounts: dynamodb:BatchGetItem',
        'Accounts: dynamodb:ConditionCheckItem',
        'Accounts: dynamodb:DeleteItem',
        'Accounts: dynamodb:GetItem',
        'Accounts: dynamodb:PutItem',
        'Accounts: dynamodb:Query',
        'Aggregates: dynamodb:GetItem',
        'Events, LateEvents, PriorityEvents: kinesis:DescribeStreamSummary',
        'Ledger: dynamodb:GetItem',
        'Ledger: dynamodb:Query',
        'Settle: lambda:InvokeFunction',
      ],
    ],
    ['measure', ['Aggregates: dynamodb:PutItem', 'Aggregates: dynamodb:UpdateItem']],
    [
      'read',
      [
        'Aggregates: dynamodb:BatchGetItem dynamodb:GetItem dynamodb:Query',
        'Aggregates: dynamodb:PutItem',
        'ClaimLogs, Pages: dynamodb:Query',
        'Identities: dynamodb:GetItem',
        'Ledger: dynamodb:GetItem',
        'Ledger: dynamodb:GetItem',
        'Ledger: dynamodb:GetItem dynamodb:UpdateItem',
        'Ledger: dynamodb:Query',
      ],
    ],
    [
      'report',
      [
        'Accounts: dynamodb:BatchGetItem',
        'Accounts: dynamodb:GetItem dynamodb:UpdateItem',
        'Accounts: dynamodb:PutItem dynamodb:Query',
        'Accounts: dynamodb:Scan',
        'Aggregates: dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem',
        'Ledger: dynamodb:BatchGetItem dynamodb:BatchWriteItem dynamodb:Query',
        'Ledger: dynamodb:GetItem dynamodb:UpdateItem',
      ],
    ],
    [
      'tally',
      [
        'Events, LateEvents, PriorityEvents: kinesis:DescribeStream kinesis:DescribeStreamSummary kinesis:GetRecords kinesis:GetShardIterator kinesis:ListShards',
        'Ledger: dynamodb:BatchWriteItem',
      ],
    ],
    [
      'review',
      [
        '"*": cloudwatch:DescribeAlarmHistory cloudwatch:DescribeAlarms cloudwatch:GetMetricData',
        'Ledger: dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem',
        'Reports/reports/*, Reports/status/*: s3:PutObject',
        'Topic: sns:Publish',
      ],
    ],
    [
      'settle',
      [
        'Accounts: dynamodb:BatchGetItem',
        'Aggregates: dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PartiQLInsert dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem',
        'Bucket/aws/lambda/*, Bucket/dead-letters/*: s3:DeleteObject s3:GetObject',
        'Bucket/quarantine/*: s3:DeleteObject s3:GetObject s3:PutObject',
        'Bucket/unreadable/*: s3:PutObject',
        'Bucket: s3:ListBucket',
        'ClaimLogs: dynamodb:BatchGetItem dynamodb:PartiQLInsert dynamodb:Query dynamodb:UpdateItem',
        'Identities: dynamodb:BatchGetItem dynamodb:PartiQLInsert dynamodb:UpdateItem',
        'Ledger: dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem',
        'Ledger: dynamodb:DeleteItem dynamodb:PutItem dynamodb:Query',
        'Ledger: dynamodb:GetItem',
        'Pages: dynamodb:BatchWriteItem',
      ],
    ],
  ])('%s has the rights that its hop needs and no others', (verb, expected) => {
    expect(grantsOf(verb)).toEqual(expected);
  });

  it('consume-priority has those of consume, and the stream of its own instead of the other', () => {
    const toOwn = (grant: string) => grant.replace(/^Events:/, 'PriorityEvents:');

    expect(grantsOf('consume-priority')).toEqual(grantsOf('consume').map(toOwn).sort());
  });

  it('consume-late has those of consume, but for its lag, and the stream of late events instead of the other', () => {
    const toLate = (grant: string) => grant.replace(/^Events:/, 'LateEvents:');
    const putsIntoLedger = 'Ledger: dynamodb:PutItem';
    const late = grantsOf('consume-late');

    expect([...late, putsIntoLedger].sort()).toEqual(grantsOf('consume').map(toLate).sort());
    expect(JSON.stringify(statementsOf('consume-late'))).not.toContain('platform#lag');
  });

  it('has only rights on named resources, except for traces, and to read metrics and alarms', () => {
    const statements = resourcesOf(dev.stateless, 'AWS::IAM::Policy').flatMap(
      ({ Properties }) => Properties.PolicyDocument.Statement as Statement[],
    );
    const unbounded = statements.filter(({ Resource }) => [Resource].flat().includes('*'));

    expect(unbounded.length).toBeGreaterThan(0);
    for (const { Action } of unbounded)
      expect([Action].flat().every((action) => /^(xray:|cloudwatch:(Get|Describe))/.test(action))).toBe(true);
    expect(statements.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
  });

  it('is created after its policies, with tracing in a policy of its own', () => {
    for (const verb of functionVerbs) {
      const policies = functionOf(verb).DependsOn as string[];

      expect(policies).toEqual([expect.stringContaining('RoleHop'), expect.stringContaining('RoleTracing')]);
    }
  });

  it('has no managed policy: only what writes the access log of the API and what moves aliases have one', () => {
    const managed = resourcesOf(dev.stateless, 'AWS::IAM::Role').filter(
      ({ Properties }) => Properties.ManagedPolicyArns,
    );

    expect(
      managed
        .map(({ Properties }) => Properties.AssumeRolePolicyDocument.Statement[0].Principal.Service)
        .sort(),
    ).toEqual(['apigateway.amazonaws.com', 'codedeploy.amazonaws.com']);
  });

  it('is not traced if its stage leaves tracing out', () => {
    for (const verb of functionsOfStage(stageNamed('emulator')))
      expect(functionOf(verb, emulator).Properties.TracingConfig?.Mode).not.toBe('Active');
  });
});

describe('partitions', () => {
  const bounded = (verb: string) =>
    statementsOf(verb)
      .filter(({ Condition }) => Condition)
      .map(({ Action, Resource, Condition }) => ({
        of: resourceNames(Resource),
        actions: [Action].flat().map((action) => action.replace('dynamodb:', '')),
        Condition,
      }));
  const heldTo = (operator: string, ...partitions: string[]) => ({
    [`ForAllValues:${operator}`]: { 'dynamodb:LeadingKeys': partitions },
  });
  const platformKeys = heldTo('StringEquals', 'platform#keys');

  it.each([
    [
      'ingest',
      [
        { of: 'Accounts', actions: ['GetItem'], Condition: heldTo('StringLike', 'account#*') },
        { of: 'Accounts', actions: ['PutItem'], Condition: heldTo('StringLike', 'notice#*') },
        { of: 'Aggregates', actions: ['BatchGetItem'], Condition: heldTo('StringLike', 'count#*') },
        { of: 'Ledger', actions: ['GetItem', 'PutItem'], Condition: platformKeys },
        {
          of: 'Ledger',
          actions: ['PutItem', 'UpdateItem'],
          Condition: heldTo('StringLike', 'idempotency#*'),
        },
        { of: 'Ledger', actions: ['PutItem'], Condition: heldTo('StringLike', 'signature#*') },
        { of: 'Ledger', actions: ['UpdateItem'], Condition: heldTo('StringLike', 'events#*') },
        { of: 'Ledger', actions: ['GetItem', 'PutItem'], Condition: heldTo('StringLike', 'circuit#*') },
        { of: 'Ledger', actions: ['Query'], Condition: heldTo('StringEquals', 'platform#lag') },
      ],
    ],
    [
      'read',
      [
        { of: 'Aggregates', actions: ['PutItem'], Condition: heldTo('StringLike', '*#days') },
        { of: 'Ledger', actions: ['GetItem'], Condition: platformKeys },
        { of: 'Ledger', actions: ['Query'], Condition: heldTo('StringLike', 'quarantine#*') },
        { of: 'Ledger', actions: ['GetItem'], Condition: heldTo('StringLike', 'events#*') },
        { of: 'Ledger', actions: ['GetItem', 'UpdateItem'], Condition: heldTo('StringLike', 'reads#*') },
      ],
    ],
    [
      'manage',
      [
        {
          of: 'Accounts',
          actions: ['BatchGetItem'],
          Condition: heldTo('StringLike', 'key#*', 'account#*', 'used#*', 'person#*'),
        },
        {
          of: 'Accounts',
          actions: ['Query'],
          Condition: heldTo('StringLike', 'keys#*', 'members#*', 'audit#*'),
        },
        {
          of: 'Accounts',
          actions: ['PutItem'],
          Condition: heldTo('StringLike', 'key#*', 'keys#*', 'person#*', 'members#*', 'audit#*'),
        },
        {
          of: 'Accounts',
          actions: ['DeleteItem'],
          Condition: heldTo('StringLike', 'person#*', 'members#*'),
        },
        {
          of: 'Accounts',
          actions: ['ConditionCheckItem'],
          Condition: heldTo('StringLike', 'account#*', 'person#*'),
        },
        { of: 'Accounts', actions: ['GetItem'], Condition: heldTo('StringLike', 'account#*') },
        { of: 'Ledger', actions: ['GetItem'], Condition: heldTo('StringLike', 'quarantine#*') },
        {
          of: 'Accounts, Aggregates, ClaimLogs, Identities, Ledger, Pages',
          actions: ['GetItem'],
          Condition: heldTo('StringEquals', 'platform#health'),
        },
        { of: 'Aggregates', actions: ['GetItem'], Condition: heldTo('StringEquals', 'platform#busiest') },
        { of: 'Ledger', actions: ['Query'], Condition: heldTo('StringEquals', 'platform#lag') },
      ],
    ],
    [
      'authorize',
      [
        {
          of: 'Accounts',
          actions: ['BatchGetItem'],
          Condition: heldTo('StringLike', 'account#*', 'keys#*', 'key#*', 'used#*', 'person#*'),
        },
        { of: 'Accounts', actions: ['Query'], Condition: heldTo('StringLike', 'person#*') },
        { of: 'Accounts', actions: ['PutItem'], Condition: heldTo('StringLike', 'used#*') },
        { of: 'Accounts', actions: ['PutItem'], Condition: heldTo('StringLike', 'notice#*') },
      ],
    ],
    ['announce', []],
    [
      'measure',
      [
        { of: 'Aggregates', actions: ['PutItem'], Condition: heldTo('StringLike', '*#added') },
        { of: 'Aggregates', actions: ['UpdateItem'], Condition: heldTo('StringLike', '*#levels') },
      ],
    ],
    [
      'consume',
      [
        { of: 'Ledger', actions: ['DeleteItem', 'PutItem'], Condition: heldTo('StringLike', 'quarantine#*') },
        { of: 'Ledger', actions: ['PutItem'], Condition: heldTo('StringEquals', 'platform#jobs') },
        { of: 'Ledger', actions: ['GetItem'], Condition: platformKeys },
        { of: 'Accounts', actions: ['BatchGetItem'], Condition: heldTo('StringLike', 'generation#*') },
        { of: 'Ledger', actions: ['PutItem'], Condition: heldTo('StringEquals', 'platform#lag') },
      ],
    ],
    [
      'report',
      [
        { of: 'Accounts', actions: ['GetItem', 'UpdateItem'], Condition: heldTo('StringLike', 'account#*') },
        { of: 'Accounts', actions: ['PutItem', 'Query'], Condition: heldTo('StringLike', 'audit#*') },
        { of: 'Ledger', actions: ['GetItem', 'UpdateItem'], Condition: heldTo('StringLike', 'events#*') },
        {
          of: 'Ledger',
          actions: ['BatchGetItem', 'BatchWriteItem', 'Query'],
          Condition: heldTo('StringLike', 'tally#*'),
        },
        { of: 'Accounts', actions: ['BatchGetItem'], Condition: heldTo('StringLike', 'generation#*') },
      ],
    ],
    ['tally', [{ of: 'Ledger', actions: ['BatchWriteItem'], Condition: heldTo('StringLike', 'tally#*') }]],
    [
      'review',
      [
        {
          of: 'Ledger',
          actions: ['GetItem', 'PutItem', 'Query', 'UpdateItem'],
          Condition: heldTo('StringEquals', 'platform#incidents'),
        },
      ],
    ],
    [
      'settle',
      [
        {
          of: 'Ledger',
          actions: ['DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'],
          Condition: heldTo('StringLike', 'quarantine#*'),
        },
        {
          of: 'Ledger',
          actions: ['DeleteItem', 'PutItem', 'Query'],
          Condition: heldTo('StringEquals', 'platform#jobs'),
        },
        { of: 'Ledger', actions: ['GetItem'], Condition: platformKeys },
        { of: 'Accounts', actions: ['BatchGetItem'], Condition: heldTo('StringLike', 'generation#*') },
      ],
    ],
  ])('that the rights of %s are limited to are these', (verb, expected) => {
    expect(bounded(verb)).toEqual(expected);
  });

  it('that report has only where it raises slots are to change accounts', () => {
    const ofAccounts = (templates: Templates) =>
      statementsOf('report', templates)
        .filter(({ Resource }) => resourceNames(Resource) === 'Accounts')
        .flatMap(({ Action }) => Action);
    const advising = synthesize({
      ...stageNamed('dev'),
      slots: { automatic: false, most: 8, reason: 'operators raise slots by hand' },
    });

    const toReconcile = 'dynamodb:BatchGetItem';
    expect(ofAccounts(advising).toSorted()).toEqual([toReconcile, 'dynamodb:GetItem', 'dynamodb:Scan']);
    expect(ofAccounts(emulator).toSorted()).toEqual([toReconcile, 'dynamodb:Scan']);
  }, 120_000);

  it('limit each right of ingest to a table: it reaches neither hashes of secrets nor documents', () => {
    const toTables = statementsOf('ingest').filter(({ Action }) =>
      [Action].flat().some((action) => action.startsWith('dynamodb:')),
    );

    expect(toTables.filter(({ Condition }) => !Condition)).toEqual([]);
  });

  it('limit only actions that name a key: ForAllValues allows a call without keys', () => {
    const actions = functionVerbs.flatMap(bounded).flatMap((statement) => statement.actions);

    expect([...new Set(actions)].sort()).toEqual([
      'BatchGetItem',
      'BatchWriteItem',
      'ConditionCheckItem',
      'DeleteItem',
      'GetItem',
      'PutItem',
      'Query',
      'UpdateItem',
    ]);
  });
});

describe('logs', () => {
  it.each([
    ['dev', dev, wholeStage, 'Delete'],
    ['prod', prod, stageNamed('prod'), 'RetainExceptOnCreate'],
  ] as const)('of %s expire after the retention of the stage', (_name, { stateless }, stage, policy) => {
    const groups = resourcesOf(stateless, 'AWS::Logs::LogGroup');

    expect(groups).toHaveLength(functionsOfStage(stage).length + 1);
    for (const group of groups) {
      expect(group.Properties.RetentionInDays).toBe(stage.logRetentionDays);
      expect(group.DeletionPolicy).toBe(policy);
    }
  });
});
