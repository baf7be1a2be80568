import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inPart, leftOut, notRun } from '../../src/template/not-modelled.ts';
import { describeUnread, findUnread } from '../../src/template/unread-parts.ts';
import { templateOf } from '../fixture.ts';
import { withPrintedLists } from '../support/not-modelled-list.ts';

const queue = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'q', RedriveAllowPolicy: { by: 'all' } } };

/** What a twin is told of these resources that reads no more than what `read` reads. */
function told(
  resources: Parameters<typeof templateOf>[0],
  read: (template: ReturnType<typeof templateOf>) => void,
) {
  const template = templateOf(resources);
  read(template);
  return describeUnread(findUnread(template));
}

describe('a start tells', () => {
  it('a type that nobody runs, with what that means for the app', () => {
    expect(told({ Broker: { Type: 'AWS::AmazonMQ::Broker' } }, () => {})).toEqual([
      'AWS::AmazonMQ::Broker (Broker) is not run by the twin. The app runs as if the resource were not there.',
    ]);
    expect(told({ Machine: { Type: 'AWS::StepFunctions::StateMachine' } }, () => {})).toEqual([
      'AWS::StepFunctions::StateMachine (Machine) is not run by the twin. State machines are not run.',
    ]);
    expect(told({ Done: { Type: 'Custom::Done' } }, () => {})).toEqual([
      expect.stringContaining('What custom resources do on deployment is not done'),
    ]);
  });

  it('a property that nobody read of a resource that is run, however deep it is', () => {
    const lines = told({ Queue: queue }, (template) => template.resources('AWS::SQS::Queue')[0]?.name);

    expect(lines).toEqual([
      expect.stringMatching(/^AWS::SQS::Queue\.RedriveAllowPolicy\.by \(Queue\) is not run/),
    ]);
  });

  it('one line for all resources with the same property', () => {
    const lines = told({ First: queue, Second: queue, Third: queue }, (template) =>
      template.resources('AWS::SQS::Queue').map(({ name }) => name),
    );

    expect(lines).toEqual([expect.stringMatching(/\(First and 2 more\)/)]);
  });

  it('nothing of what is read', () => {
    const readAll = (template: ReturnType<typeof templateOf>) =>
      template.resources('AWS::SQS::Queue').map(({ properties }) => JSON.stringify(properties));

    expect(told({ Queue: queue }, readAll)).toEqual([]);
  });

  it('nothing of types and properties that are listed, nor of what is within them', () => {
    const lines = told(
      {
        Logs: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 7 } },
        Function: {
          Type: 'AWS::Lambda::Function',
          Properties: { LoggingConfig: { LogFormat: 'JSON' }, Tags: [{ Key: 'a', Value: 'b' }] },
        },
      },
      (template) => template.resources('AWS::Lambda::Function'),
    );

    expect(lines).toEqual([]);
  });

  it('a property whose name only begins like one that is listed', () => {
    const properties = { TracingConfig: 'r', TracingConfiguration: 'r' };
    const lines = told({ Function: { Type: 'AWS::Lambda::Function', Properties: properties } }, (template) =>
      template.resources('AWS::Lambda::Function'),
    );

    expect(lines).toEqual([expect.stringMatching(/^AWS::Lambda::Function\.TracingConfiguration /)]);
  });

  it('what is not read of a listed type as soon as somebody reads from it', () => {
    const logs = { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'l', RetentionInDays: 7 } };
    const lines = told({ Logs: logs }, (template) => template.resources('AWS::Logs::LogGroup')[0]?.name);

    expect(lines).toEqual([expect.stringMatching(/^AWS::Logs::LogGroup\.RetentionInDays /)]);
  });
});

describe('the list', () => {
  it.each([...leftOut, ...inPart, ...notRun])('gives $what a reason in a sentence', ({ what, reason }) => {
    expect(what.length).toBeGreaterThan(0);
    expect(reason).toMatch(/^[A-Z].{15,}\.$/);
    expect(reason).not.toContain('|');
  });

  it('names nothing twice', () => {
    const all = [...leftOut, ...inPart, ...notRun].flatMap(({ what }) => what);

    expect(all).toEqual([...new Set(all)]);
  });

  it.each([
    'AWS::ApiGateway::ApiKey',
    'AWS::ApiGateway::Authorizer',
    'AWS::ApiGateway::GatewayResponse',
    'AWS::ApiGateway::Method',
    'AWS::ApiGateway::Stage',
    'AWS::ApiGateway::UsagePlan',
    'AWS::DynamoDB::Table',
    'AWS::Events::Rule',
    'AWS::Kinesis::Stream',
    'AWS::Lambda::EventSourceMapping',
    'AWS::Lambda::Function',
    'AWS::SQS::Queue',
  ])('never excuses the twin from running %s', (type) => {
    const all = [...leftOut, ...inPart, ...notRun].flatMap(({ what }) => what);

    expect(all).not.toContain(type);
    expect(all).not.toContain('*');
  });

  it('is what the README prints: "npx vitest run twin/test/template/not-modelled.test.ts -u" prints it anew', async () => {
    const readme = resolve('twin/README.md');

    await expect(withPrintedLists(readFileSync(readme, 'utf8'))).toMatchFileSnapshot(readme);
  });
});
