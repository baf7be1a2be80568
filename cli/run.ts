// Finds the verb, reads its options, connects, runs it. Exit codes: 0 done, 1 refused or failed, 2 wrong use.

import { parseArgs } from 'node:util';
import { StackMissing } from '../adapters/aws/stack-outputs.ts';
import { Refused } from './account/create.ts';
import { WrongUse } from './errors.ts';
import { connectOperator, type Operator, type OperatorOptions, OutputMissing } from './operator.ts';
import { type Verb, verbs } from './verbs.ts';

export type Streams = { out(text: string): void; err(text: string): void };
export type Connect = (options: OperatorOptions) => Promise<Operator>;

const commonOptions = {
  stage: 'the stage to work on (dev)',
  region: 'the AWS region (that of the environment)',
  endpoint: 'another endpoint than AWS, such as that of the offline twin',
  json: 'print JSON for machines',
};

export async function runCli(
  argv: readonly string[],
  streams: Streams,
  connect: Connect = connectOperator,
): Promise<number> {
  const verb = verbs.find(({ words }) => words.every((word, index) => argv[index] === word));
  if (!verb) {
    const { text, isAsked } = usage(argv);
    streams.err(text);
    return isAsked ? 0 : 2;
  }
  if (argv.includes('--help')) {
    streams.err(usageOf(verb));
    return 0;
  }
  const values = readOptions(verb, argv.slice(verb.words.length));
  if (typeof values === 'string') {
    streams.err(`${values}\n\n${usageOf(verb)}`);
    return 2;
  }
  try {
    const { stage, region, endpoint, json, ...rest } = values;
    const flags = new Set(Object.keys(verb.flags ?? {}).filter((flag) => values[flag] === true));
    const operator = await connect({
      stage: String(stage),
      ...connectionTo(endpoint, region),
    });
    const result = await verb.run(operator, rest as Record<string, string>, { flags, progress: streams.err });
    streams.out(json ? JSON.stringify(result.json) : result.text);
    return result.code ?? 0;
  } catch (error) {
    streams.err(messageOf(error));
    if (error instanceof WrongUse) return 2;
    if (!saysWhatToDo(error)) streams.err(whereToLook);
    return 1;
  }
}

/** Something on this machine asks for no one's credentials and is in no region: any will do. */
function connectionTo(endpoint: unknown, region: unknown): Omit<OperatorOptions, 'stage'> {
  const named = region ? { region: String(region) } : {};
  if (!endpoint) return named;
  if (!URL.canParse(String(endpoint))) {
    throw new Refused(`--endpoint ${String(endpoint)} is no URL; it reads like http://127.0.0.1:4566.`);
  }
  const { hostname } = new URL(String(endpoint));
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  return {
    endpoint: String(endpoint),
    ...(isHere && {
      region: 'us-east-1',
      credentials: { accessKeyId: 'WEIROPERATOR', secretAccessKey: 'local' },
    }),
    ...named,
  };
}

/** The values, or what is wrong with them. */
function readOptions(verb: Verb, args: string[]): Record<string, string | boolean | undefined> | string {
  const string = { type: 'string' } as const;
  const boolean = { type: 'boolean' } as const;
  try {
    const { values } = parseArgs({
      args,
      options: {
        ...Object.fromEntries(Object.keys(verb.options).map((name) => [name, string])),
        ...Object.fromEntries(Object.keys(verb.flags ?? {}).map((name) => [name, boolean])),
        stage: string,
        region: string,
        endpoint: string,
        json: boolean,
      },
    });
    const given = { stage: 'dev', ...verb.defaults, ...values };
    const missing = Object.keys(verb.options).find((name) => !Object.hasOwn(given, name));
    return missing ? `--${missing} is missing: ${verb.options[missing]}.` : given;
  } catch (error) {
    return messageOf(error);
  }
}

const saysWhatToDo = (error: unknown): boolean =>
  [Refused, StackMissing, OutputMissing].some((known) => error instanceof known);

const whereToLook =
  'Check --stage and --region, and that AWS takes your credentials: aws sts get-caller-identity. For the offline twin ' +
  'give the --endpoint that it prints at its start (under "Another account"), which is not the address of the API.';

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof Refused || !error.cause
    ? error.message
    : `${error.message}\n  because: ${messageOf(error.cause)}`;
}

/** All verbs, or those that begin with the words that are there; asked for, or told because these are no verb. */
function usage(argv: readonly string[]): { readonly text: string; readonly isAsked: boolean } {
  const end = argv.findIndex((word) => word.startsWith('-'));
  const words = end < 0 ? argv : argv.slice(0, end);
  const begun = verbs.filter((verb) => words.every((word, index) => verb.words[index] === word));
  const isAsked = begun.length > 0 && (argv.length === 0 || argv.includes('--help'));
  const near = begun.length > 0 ? begun : verbs.filter((verb) => verb.words[0] === words[0]);
  const listed = near.length > 0 ? near : verbs;
  const width = Math.max(...listed.map((verb) => verb.words.join(' ').length));
  const lines = [
    ...(isAsked || words.length === 0 ? [] : [`"${words.join(' ')}" is no verb.`, '']),
    'weir <verb> [options]',
    '',
    ...listed.map((verb) => `  ${verb.words.join(' ').padEnd(width)}  ${verb.summary}`),
    '',
    'Options of a verb: weir <verb> --help',
  ];
  return { text: lines.join('\n'), isAsked };
}

function usageOf(verb: Verb): string {
  const lines = Object.entries({ ...verb.options, ...verb.flags, ...commonOptions }).map(
    ([name, meaning]) => {
      const fallback = verb.defaults[name];
      return `  --${name.padEnd(12)} ${meaning}${fallback ? ` (${fallback})` : ''}`;
    },
  );
  return [`weir ${verb.words.join(' ')}: ${verb.summary}`, ...lines].join('\n');
}
